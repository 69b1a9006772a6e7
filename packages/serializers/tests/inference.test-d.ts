import {
  CharField,
  DateTimeField,
  type Decimal,
  DecimalField,
  Field,
  IntegerField,
  type Input,
  type ListSerializer,
  type Moment,
  type Representation,
  Serializer,
  type Validated,
} from '@rf/serializers';
import { describe, expectTypeOf, test } from 'vitest';

class Comment {
  constructor(readonly text: string) {}
}

class LineSerializer extends Serializer {
  isbn = new CharField({ maxLength: 13 });
  quantity = new IntegerField({ minValue: 1, default: 1 });
}

class AddressSerializer extends Serializer {
  street = new CharField();
  city = new CharField({ required: false });
}

class OrderSerializer extends Serializer {
  id = new IntegerField({ readOnly: true });
  customer = new CharField({ source: 'client' });
  secret = new CharField({ writeOnly: true });
  note = new CharField({ allowNull: true });
  hint = new CharField({ required: false });
  zip = new CharField({ source: 'place.zip' });
  address = AddressSerializer.nested({ required: false, allowNull: true });
  lines = LineSerializer.nested({ many: true });
  position = AddressSerializer.nested({ source: '*' });

  override create(validated: Validated<OrderSerializer>): Comment {
    return new Comment(validated.client);
  }
}

class StrictSerializer extends Serializer {
  start = new IntegerField();

  override validate(attrs: Validated<StrictSerializer>) {
    return { ...attrs, length: attrs.start + 1 };
  }
}

class ShortOrder extends OrderSerializer.omit('id', 'zip') {
  extra = new IntegerField();
}

class EventSerializer extends Serializer.with({ data: new CharField({ allowNull: true }) }) {
  kind = new CharField();
}

describe('the types of a serializer', () => {
  test('validated data has what input gives, under its source', () => {
    const order = new OrderSerializer({ data: {} });
    type Data = typeof order.validatedData;
    expectTypeOf<Data['client']>().toEqualTypeOf<string>();
    expectTypeOf<Data['secret']>().toEqualTypeOf<string>();
    expectTypeOf<Data['note']>().toEqualTypeOf<string | null>();
    expectTypeOf<Data['hint']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Data['place']['zip']>().toEqualTypeOf<string>();
    expectTypeOf<Data['lines'][number]['quantity']>().toEqualTypeOf<number>();
    expectTypeOf<Data['street']>().toEqualTypeOf<string>();
    expectTypeOf<Exclude<Data['address'], null | undefined>['street']>().toEqualTypeOf<string>();
    expectTypeOf<Data>().not.toHaveProperty('id');
    expectTypeOf<Data>().not.toHaveProperty('customer');
  });

  test('a partial update has every key optional', () => {
    const order = new OrderSerializer({ data: {}, partial: true });
    expectTypeOf(order.partialData.client).toEqualTypeOf<string | undefined>();
  });

  test('the representation has what is not write-only, under its name', () => {
    type Shown = Representation<OrderSerializer>;
    expectTypeOf<Shown['id']>().toEqualTypeOf<number>();
    expectTypeOf<Shown['customer']>().toEqualTypeOf<string>();
    expectTypeOf<Shown['note']>().toEqualTypeOf<string | null>();
    expectTypeOf<Shown['hint']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Shown['lines'][number]['isbn']>().toEqualTypeOf<string>();
    expectTypeOf<Shown>().not.toHaveProperty('secret');
    const order = new OrderSerializer({ instance: new Comment('x') });
    expectTypeOf(order.data).toEqualTypeOf<Promise<Shown>>();
  });

  test('input has what may be sent', () => {
    type Sent = Input<LineSerializer>;
    expectTypeOf<Sent['isbn']>().toEqualTypeOf<string>();
    expectTypeOf<Sent['quantity']>().toEqualTypeOf<string | number | undefined>();
  });

  test('instance and save() have the type that create() returns', () => {
    const order = new OrderSerializer({ data: {} });
    expectTypeOf(order.save).returns.toEqualTypeOf<Promise<Comment>>();
    expectTypeOf(order.instance).toEqualTypeOf<Comment | null>();
  });

  test('what validate() adds is in validated data', () => {
    const strict = new StrictSerializer({ data: {} });
    expectTypeOf(strict.validatedData.length).toEqualTypeOf<number>();
    expectTypeOf(strict.validatedData.start).toEqualTypeOf<number>();
  });

  test('omitted fields are gone and added ones are there', () => {
    const short = new ShortOrder({ data: {} });
    type Data = typeof short.validatedData;
    expectTypeOf<Data['extra']>().toEqualTypeOf<number>();
    expectTypeOf<Data['client']>().toEqualTypeOf<string>();
    expectTypeOf<Data>().not.toHaveProperty('place');
    const event = new EventSerializer({ data: {} });
    expectTypeOf(event.validatedData.data).toEqualTypeOf<string | null>();
    expectTypeOf(event.validatedData.kind).toEqualTypeOf<string>();
  });

  test('what is read-only, write-only, null or given by default keeps its place whatever else is said', () => {
    class Mixed extends Serializer {
      shown = new CharField({ readOnly: true, allowNull: true });
      perhaps = new CharField({ readOnly: true, required: false });
      secret = new CharField({ writeOnly: true, required: false });
      path = new CharField({ source: 'place.path', required: false });
      size = new IntegerField({ default: 'none' });
      getSize(): number {
        return 1;
      }
    }
    const mixed = new Mixed({ data: {} });
    type Data = typeof mixed.validatedData;
    expectTypeOf<keyof Data>().toEqualTypeOf<'secret' | 'place' | 'size'>();
    expectTypeOf<Data['secret']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Data['place']>().toEqualTypeOf<{ path: string } | undefined>();
    expectTypeOf<Data['size']>().toEqualTypeOf<number | string>();
    type Shown = Representation<Mixed>;
    expectTypeOf<keyof Shown>().toEqualTypeOf<'shown' | 'perhaps' | 'path' | 'size'>();
    expectTypeOf<Shown['shown']>().toEqualTypeOf<string | null>();
    expectTypeOf<Shown['perhaps']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Shown['path']>().toEqualTypeOf<string | undefined>();
    type Sent = Input<Mixed>;
    expectTypeOf<keyof Sent>().toEqualTypeOf<'secret' | 'path' | 'size'>();
    expectTypeOf<Sent['size']>().toEqualTypeOf<string | number | undefined>();
  });

  test('a field with options is one of its class and of the base class', () => {
    expectTypeOf<CharField<{ readonly allowNull: true; readonly required: false }>>().toExtend<CharField>();
    expectTypeOf<CharField<{ readonly readOnly: true }>>().toExtend<Field>();
  });

  test('fields with the same names of options have one type, and those whose values say more have their own', () => {
    const short = new CharField({ maxLength: 5, readOnly: true });
    const long = new CharField({ readOnly: true, maxLength: 500 });
    expectTypeOf(short).toEqualTypeOf(long);
    const given: { readonly readOnly?: true; readonly label: string } = { label: 'x' };
    const flag: boolean = given.label === 'x';
    class Said extends Serializer {
      plain = new IntegerField({ minValue: 1 });
      needed = new IntegerField({ required: true, minValue: 1 });
      written = new IntegerField({ readOnly: false, writeOnly: false });
      perhaps = new IntegerField({ required: false });
      nothing = new IntegerField({ allowNull: true, default: null });
      counted = new IntegerField({ default: 1 });
      worded = new IntegerField({ default: 'none', maxValue: 5 });
      renamed = new IntegerField({ source: 'other', maxValue: 5 });
      spread = new CharField({ ...given });
      decided = new CharField({ readOnly: flag });
      exact = new DecimalField({ maxDigits: 5, decimalPlaces: 2, coerceToString: false });
      amount = new DecimalField({ maxDigits: 5, decimalPlaces: 2, allowNull: true });
      moment = new DateTimeField({ format: null, required: false });
    }
    const said = new Said({ data: {} });
    type Data = typeof said.validatedData;
    expectTypeOf<Data['plain']>().toEqualTypeOf<number>();
    expectTypeOf<Data['needed']>().toEqualTypeOf<number>();
    expectTypeOf<Data['written']>().toEqualTypeOf<number>();
    expectTypeOf<Data['perhaps']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Data['nothing']>().toEqualTypeOf<number | null>();
    expectTypeOf<Data['counted']>().toEqualTypeOf<number>();
    expectTypeOf<Data['worded']>().toEqualTypeOf<number | string>();
    expectTypeOf<Data['other']>().toEqualTypeOf<number>();
    expectTypeOf<Data['spread']>().toEqualTypeOf<string>();
    expectTypeOf<Data['decided']>().toEqualTypeOf<string>();
    expectTypeOf<Data['amount']>().toEqualTypeOf<Decimal | null>();
    expectTypeOf<Data['moment']>().toEqualTypeOf<Moment | undefined>();
    expectTypeOf<Input<Said>['counted']>().toEqualTypeOf<string | number | undefined>();
    type Shown = Representation<Said>;
    expectTypeOf<Shown['exact']>().toEqualTypeOf<Decimal>();
    expectTypeOf<Shown['amount']>().toEqualTypeOf<string | null>();
    expectTypeOf<Shown['moment']>().toEqualTypeOf<Moment | undefined>();
  });

  test('wrong options are refused, and a validator is given the type of the value', () => {
    // @ts-expect-error no such option
    new CharField({ maxLenght: 5 });
    // @ts-expect-error a wrong value
    new CharField({ maxLength: '5', readOnly: true });
    // @ts-expect-error `decimalPlaces` is missing
    new DecimalField({ maxDigits: 5 });
    new IntegerField({ validators: [(value) => expectTypeOf(value).toEqualTypeOf<number>()], minValue: 1 });
  });

  test('many gives lists', () => {
    const lines = LineSerializer.many({ data: [] });
    expectTypeOf(lines).toEqualTypeOf<ListSerializer<LineSerializer>>();
    expectTypeOf(lines.validatedData[0]!.isbn).toEqualTypeOf<string>();
    expectTypeOf<Awaited<typeof lines.data>[number]['quantity']>().toEqualTypeOf<number>();
  });

  test('a nested serializer made with new may be anything its options could make it', () => {
    class Loose extends Serializer {
      line = new LineSerializer({ many: true });
    }
    const loose = new Loose({ data: {} });
    if (Array.isArray(loose.validatedData.line))
      expectTypeOf(loose.validatedData.line[0]!.isbn).toEqualTypeOf<string>();
  });
});
