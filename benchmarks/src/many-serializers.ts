// Many serializers, as the compiler is given them: what their types cost is measured, and held, with these.

const kinds = [
  'new CharField({ maxLength: 200 })',
  'new IntegerField({ minValue: 0 })',
  'new DateTimeField({ readOnly: true })',
  'new DecimalField({ maxDigits: 8, decimalPlaces: 2 })',
  "new ChoiceField({ choices: ['a', 'b'] })",
  'new BooleanField({ required: false })',
  'new ListField({ child: new CharField() })',
  'new CharField({ allowNull: true, default: null })',
];

/** A file of ten serializers of `fields` fields each, whose types are used as a project uses them; `at` numbers the files. */
export function fileOfSerializers(at: number, fields: number): string {
  const names = Array.from({ length: 10 }, (_, index) => `S${at}_${index}`);
  const classes = names.map((name) => {
    const members = Array.from({ length: fields }, (_, index) => `  f${index} = ${kinds[index % kinds.length]};`);
    return (
      `export class ${name} extends Serializer {\n${members.join('\n')}\n` +
      `  override create(validated: Validated<${name}>) {\n    return { ...validated, id: 1 };\n  }\n}\n` +
      `export async function use${name}(data: unknown): Promise<number> {\n` +
      `  const serializer = new ${name}({ data });\n  await serializer.isValid({ raise: true });\n` +
      `  const shown = await serializer.data;\n  return (await serializer.save()).id + shown.f0.length + serializer.validatedData.f1;\n}\n`
    );
  });
  return (
    "import {\n  BooleanField,\n  CharField,\n  ChoiceField,\n  DateTimeField,\n  DecimalField,\n  IntegerField,\n  ListField,\n  Serializer,\n  type Validated,\n} from '@rf/serializers';\n" +
    classes.join('\n')
  );
}
