import { ValidationError } from '@rf/exceptions';
import {
  BaseSerializer,
  CharField,
  CreateOnlyDefault,
  CurrentUserDefault,
  DecimalField,
  EmailField,
  HiddenField,
  IntegerField,
  ListField,
  ListSerializer,
  Serializer,
  SerializerMethodField,
  type Validated,
} from '@rf/serializers';
import { describe, expect, test } from 'vitest';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

class CommentSerializer extends Serializer {
  id = new IntegerField({ readOnly: true });
  email = new EmailField();
  content = new CharField({ maxLength: 10 });
  secret = new CharField({ writeOnly: true, required: false });

  override create(validated: Validated<CommentSerializer>): object {
    return { id: 1, ...validated };
  }

  override update(instance: object, validated: Validated<CommentSerializer>): object {
    return Object.assign(instance, validated);
  }
}

describe('the life of a serializer (SE01, SE02)', () => {
  const input = { id: 99, email: 'a@example.com', content: 'hello', secret: 's', extra: 1 };

  test('reads input, saves it with what the view adds, and shows the result', async () => {
    const serializer = new CommentSerializer({ data: input });
    expect(await serializer.isValid()).toBe(true);
    expect(serializer.validatedData).toEqual({ email: 'a@example.com', content: 'hello', secret: 's' });

    const saved = await serializer.save({ content: 'changed' } as never);
    expect(saved).toMatchObject({ id: 1, content: 'changed' });
    expect(serializer.instance).toBe(saved);
    expect(await serializer.data).toEqual({ id: 1, email: 'a@example.com', content: 'changed' });
  });

  test('updates the instance it was given', async () => {
    const instance = { id: 5, email: 'old@example.com', content: 'old' };
    const serializer = new CommentSerializer({ instance, data: { content: 'new' }, partial: true });
    expect(await serializer.isValid()).toBe(true);
    expect(await serializer.save()).toBe(instance);
    expect(instance).toEqual({ id: 5, email: 'old@example.com', content: 'new' });
  });

  test('a step too early, or one too many, is the programmer’s mistake', async () => {
    const fresh = new CommentSerializer({ data: input });
    expect(() => fresh.errors).toThrow('.isValid()');
    expect(() => fresh.validatedData).toThrow('.isValid()');
    await expect(async () => fresh.save()).rejects.toThrow('.isValid()');
    expect(() => new CommentSerializer({ instance: {} }).isValid()).toThrow('data');

    const wrong = new CommentSerializer({ data: {} });
    expect(await wrong.isValid()).toBe(false);
    await expect(async () => wrong.save()).rejects.toThrow();

    const shown = new CommentSerializer({ data: input });
    await shown.isValid();
    await shown.data;
    await expect(async () => shown.save()).rejects.toThrow();
  });

  test('a class without create or update says so', async () => {
    class Only extends Serializer {
      name = new CharField();
    }
    const serializer = new Only({ data: { name: 'x' } });
    await serializer.isValid();
    await expect(async () => serializer.save()).rejects.toThrow(/create\(\)/);
  });
});

describe('errors (SE03, SE04, SE05)', () => {
  const errorsOf = async (serializer: Serializer | ListSerializer) => {
    expect(await serializer.isValid()).toBe(false);
    return plain(serializer.errors);
  };

  test('stand at their field, with a code each', async () => {
    const serializer = new CommentSerializer({ data: { email: 'x', content: 'much too long' } });
    expect(await errorsOf(serializer)).toEqual({
      email: ['Enter a valid email address.'],
      content: ['Ensure this field has no more than 10 characters.'],
    });
    expect(serializer.errorCodes).toEqual({ email: ['invalid'], content: ['max_length'] });
    await expect(async () => serializer.isValid({ raise: true })).rejects.toBeInstanceOf(ValidationError);
  });

  test('that belong to no field stand under the key of the settings', async () => {
    expect(await errorsOf(new CommentSerializer({ data: [] }))).toEqual({
      non_field_errors: ['Invalid data. Expected a dictionary, but got list.'],
    });
    const context = { settings: { nonFieldErrorsKey: 'errors' } };
    expect(await errorsOf(new CommentSerializer({ data: 'x', context }))).toEqual({
      errors: ['Invalid data. Expected a dictionary, but got str.'],
    });
  });

  test('hooks of single fields run for what their field accepted, that of the object when all have', async () => {
    const seen: string[] = [];
    class Event extends Serializer {
      start = new IntegerField();
      finish = new IntegerField();

      validateStart(value: number): number {
        seen.push('start');
        if (value < 0) throw new ValidationError('Not before zero.');
        return value + 1;
      }

      override async validate(attrs: Readonly<Record<string, unknown>>): Promise<unknown> {
        seen.push('all');
        const { start, finish } = attrs as { start: number; finish: number };
        if (start > finish) throw new ValidationError({ finish: 'Must come after start.' });
        return { ...attrs, length: finish - start };
      }
    }

    expect(await errorsOf(new Event({ data: { start: -1, finish: 'x' } }))).toEqual({
      start: ['Not before zero.'],
      finish: ['A valid integer is required.'],
    });
    expect(seen).toEqual(['start']);
    expect(await errorsOf(new Event({ data: { start: 5, finish: 5 } }))).toEqual({
      finish: ['Must come after start.'],
    });
    const right = new Event({ data: { start: 1, finish: 5 } });
    expect(await right.isValid()).toBe(true);
    expect(right.validatedData).toEqual({ start: 2, finish: 5, length: 3 });
  });

  test('validators of the class run before validate()', async () => {
    class Pair extends Serializer {
      static override validators = [
        ({ a, b }: { a: number; b: number }) => {
          if (a === b) throw new ValidationError('They are the same.', 'same');
        },
      ];
      a = new IntegerField();
      b = new IntegerField();
    }
    const serializer = new Pair({ data: { a: 1, b: 1 } });
    expect(await errorsOf(serializer)).toEqual({ non_field_errors: ['They are the same.'] });
    expect(serializer.errorCodes).toEqual({ non_field_errors: ['same'] });
  });
});

describe('keys of the input (SE06, SE07, SE08)', () => {
  test('that no field reads are ignored, or refused where the class says so', async () => {
    class Strict extends Serializer {
      static override unknownFields = 'reject' as const;
      name = new CharField();
    }
    const serializer = new Strict({ data: { name: 'x', nmae: 'y', constructor: 'z' } });
    expect(await serializer.isValid()).toBe(false);
    expect(Object.keys(serializer.errors).sort()).toEqual(['constructor', 'nmae']);
  });

  test('may be missing in a partial update, which applies no defaults', async () => {
    class Book extends Serializer {
      title = new CharField();
      pages = new IntegerField({ default: 1 });
    }
    const partial = new Book({ data: {}, partial: true });
    expect(await partial.isValid()).toBe(true);
    expect(partial.validatedData).toEqual({});
    const whole = new Book({ data: {} });
    expect(await whole.isValid()).toBe(false);
    expect(plain(whole.errors)).toEqual({ title: ['This field is required.'] });
  });

  test('prototypes are no input', async () => {
    class Named extends Serializer {
      toString2 = new CharField({ required: false });
    }
    const data = JSON.parse('{"__proto__": {"toString2": "x"}}');
    const serializer = new Named({ data });
    expect(await serializer.isValid()).toBe(true);
    expect(serializer.validatedData).toEqual({});
  });

  test('defaults may ask the context (VA04)', async () => {
    class Post extends Serializer {
      owner = new HiddenField({ default: new CurrentUserDefault() });
      made = new IntegerField({ default: new CreateOnlyDefault(7) });
    }
    const context = { request: { user: 'ada' } };
    const created = new Post({ data: { owner: 'mallory' }, context });
    await created.isValid();
    expect(created.validatedData).toEqual({ owner: 'ada', made: 7 });
    const updated = new Post({ instance: {}, data: {}, context });
    await updated.isValid();
    expect(updated.validatedData).toEqual({ owner: 'ada' });
  });
});

describe('where values are kept (FI03, SE09)', () => {
  class Profile extends Serializer {
    city = new CharField({ source: 'address.city' });
    size = new IntegerField({ source: 'name.length', readOnly: true });
    shout = new CharField({ source: 'loudName', readOnly: true });
  }
  const person = { name: 'Ada', address: { city: 'London' }, loudName: () => 'ADA' };

  test('a path leads through objects and calls methods', async () => {
    expect(await new Profile({ instance: person }).data).toEqual({ city: 'London', size: 3, shout: 'ADA' });
    const serializer = new Profile({ data: { city: 'Bath' } });
    await serializer.isValid();
    expect(serializer.validatedData).toEqual({ address: { city: 'Bath' } });
  });

  test('a path that breaks shows null where the field may be null, is left out where it is not required, else is told', async () => {
    class Lenient extends Serializer {
      city = new CharField({ source: 'address.city', allowNull: true });
      street = new CharField({ source: 'address.street', required: false });
    }
    expect(await new Lenient({ instance: { address: null } }).data).toEqual({ city: null });
    await expect(async () => new Profile({ instance: { name: 'x', loudName: 'x' } }).data).rejects.toThrow(
      /city.*Profile/s,
    );
  });

  test('`*` hands the whole object to the field and merges what it reads', async () => {
    class Range extends Serializer {
      low = new IntegerField({ source: 'lowest' });
      high = new IntegerField({ source: 'highest' });
    }
    class Measure extends Serializer {
      range = new Range({ source: '*' });
      unit = new CharField();
    }
    expect(await new Measure({ instance: { lowest: 1, highest: 9, unit: 'm' } }).data).toEqual({
      range: { low: 1, high: 9 },
      unit: 'm',
    });
    const serializer = new Measure({ data: { range: { low: 2, high: 3 }, unit: 'cm' } });
    await serializer.isValid();
    expect(serializer.validatedData).toEqual({ lowest: 2, highest: 3, unit: 'cm' });
  });
});

describe('lists and nested objects (SE10, SE11, SE13)', () => {
  class Line extends Serializer {
    isbn = new CharField();
    count = new IntegerField({ minValue: 1 });
  }
  class Order extends Serializer {
    customer = new CharField();
    lines = new Line({ many: true, allowEmpty: false });
    gift = new Line({ required: false, allowNull: true });
  }

  test('have the context of what they stand in, on the way in and out (SE14)', async () => {
    class Priced extends Serializer {
      price = new IntegerField();
      text = new SerializerMethodField<string>();
      getText(line: { price: number }) {
        return `${line.price} ${this.context.currency as string}`;
      }
      override validate(line: { price: number }) {
        if (line.price > (this.context.most as number)) throw new ValidationError('Too much.');
        return line;
      }
    }
    class Basket extends Serializer {
      first = new Priced();
      others = new Priced({ many: true });
    }
    const context = { currency: 'EUR', most: 10 };
    const data = { first: { price: 11 }, others: [{ price: 10 }, { price: 12 }] };

    const refused = new Basket({ data, context });
    expect(await refused.isValid()).toBe(false);
    expect(plain(refused.errors)).toEqual({
      first: { non_field_errors: ['Too much.'] },
      others: { '1': { non_field_errors: ['Too much.'] } },
    });
    const shown = { price: 2, text: '2 EUR' };
    expect(await new Basket({ instance: { first: { price: 2 }, others: [{ price: 2 }] }, context }).data).toEqual({
      first: shown,
      others: [shown],
    });
  });

  test('errors nest in the shape of the input; in a list, by the index of what is wrong', async () => {
    const data = { customer: 'x', lines: [{ isbn: 'a', count: 1 }, { count: 0 }], gift: 'no' };
    const serializer = new Order({ data });
    expect(await serializer.isValid()).toBe(false);
    expect(plain(serializer.errors)).toEqual({
      lines: { 1: { isbn: ['This field is required.'], count: ['Ensure this value is greater than or equal to 1.'] } },
      gift: { non_field_errors: ['Invalid data. Expected a dictionary, but got str.'] },
    });
    const asList = new Order({ data, context: { settings: { listSerializerErrorsAsDict: false } } });
    await asList.isValid();
    expect((plain(asList.errors) as { lines: unknown[] }).lines[0]).toEqual({});
  });

  test.each([
    [[], { non_field_errors: ['This list may not be empty.'] }],
    [{}, { non_field_errors: ['Expected a list of items but got type "dict".'] }],
  ])('a list serializer refuses %j', async (data, errors) => {
    const serializer = Line.many({ data, allowEmpty: false });
    expect(await serializer.isValid()).toBe(false);
    expect(plain(serializer.errors)).toEqual(errors);
  });

  test('nested data is not written unless the class says how', async () => {
    class Writer extends Order {
      override create(validated: Validated<Writer>): object {
        return validated;
      }
    }
    const data = { customer: 'x', lines: [{ isbn: 'a', count: 1 }] };
    const serializer = new Writer({ data });
    await serializer.isValid();
    expect(await serializer.save()).toEqual(data);
  });

  test('a list may have a class of its own (SE12)', async () => {
    class Reversed extends ListSerializer {
      override async create(validated: readonly unknown[]): Promise<object[]> {
        return [...validated].reverse() as object[];
      }
    }
    class Item extends Serializer {
      static override listSerializerClass = Reversed;
      n = new IntegerField();
    }
    const serializer = new Item({ data: [{ n: 1 }, { n: 2 }], many: true }) as unknown as Reversed;
    await serializer.isValid();
    expect(await serializer.save()).toEqual([{ n: 2 }, { n: 1 }]);
  });
});

describe('classes of serializers (SE22, SE23, SE24)', () => {
  class Book extends Serializer {
    title = new CharField();
    isbn = new CharField();
    pages = new IntegerField();
  }
  const book = { title: 'Emma', isbn: '1', pages: 474 };

  test('inherit fields, add some and leave some out', async () => {
    class Short extends Book.omit('pages', 'isbn') {
      first = new CharField({ source: 'title.0' });
    }
    expect(await new Short({ instance: book }).data).toEqual({ title: 'Emma', first: 'E' });
    expect(await new (Book.only(['isbn', 'unknown']))({ instance: book }).data).toEqual({ isbn: '1' });
    expect(() => new (Book.omit('price' as never))({ instance: book }).data).toThrow(/price.*title, isbn, pages/s);
  });

  test('have fields with names that class fields cannot have', async () => {
    class Event extends Serializer.with({ data: new CharField(), errors: new ListField() }) {}
    expect(await new Event({ instance: { data: 'x', errors: [1] } }).data).toEqual({ data: 'x', errors: [1] });
  });

  test('may do without fields', async () => {
    class Score extends BaseSerializer {
      override toInternalValue(data: unknown): unknown {
        const match = /^(\d+):(\d+)$/.exec(String(data));
        if (match === null) throw new ValidationError({ score: 'Write 2:1.' });
        return { home: Number(match[1]), away: Number(match[2]) };
      }
      override toRepresentation(score: unknown): unknown {
        const { home, away } = score as { home: number; away: number };
        return `${home}:${away}`;
      }
    }
    const serializer = new Score({ data: '2:1' });
    expect(await serializer.isValid()).toBe(true);
    expect(serializer.validatedData).toEqual({ home: 2, away: 1 });
    expect(await new Score({ instance: { home: 3, away: 3 } }).data).toBe('3:3');
    const wrong = new Score({ data: 'x' });
    expect(await wrong.isValid()).toBe(false);
    expect(plain(wrong.errors)).toEqual({ score: ['Write 2:1.'] });
  });

  test('tell their fields (SE25, VA07)', () => {
    class Told extends Serializer {
      title = new CharField({ maxLength: 200 });
      price = new DecimalField({ maxDigits: 6, decimalPlaces: 2, required: false });
    }
    const lines = String(new Told()).split('\n');
    expect(lines[0]).toContain('Told');
    expect(lines[1]).toMatch(/title.*CharField.*maxLength: 200/);
    expect(lines[2]).toMatch(/price.*DecimalField.*maxDigits: 6.*decimalPlaces: 2/);
  });
});

describe('as a Standard Schema', () => {
  class Point extends Serializer {
    x = new IntegerField();
    y = new IntegerField();
  }

  test('validates, or tells what is wrong and where', async () => {
    const schema = new Point()['~standard'];
    expect(schema.version).toBe(1);
    expect(await schema.validate({ x: '1', y: 2 })).toEqual({ value: { x: 1, y: 2 } });
    expect(await schema.validate({ x: 'one' })).toEqual({
      issues: [
        { message: 'A valid integer is required.', path: ['x'] },
        { message: 'This field is required.', path: ['y'] },
      ],
    });
  });
});

describe('methods of fields', () => {
  const compile = (type: new (options: object) => Serializer) => () => new type({ data: {} }).isValid();

  test('that a SerializerMethodField asks for have to be there when the class is compiled', () => {
    class Person extends Serializer {
      shout_out = new SerializerMethodField<string>();
    }
    class Renamed extends Serializer {
      text = new SerializerMethodField<string>({ methodName: 'sayIt' });
    }
    expect(compile(Person)).toThrow(
      'Person.shout_out (SerializerMethodField): Person has no method `getShoutOut`. ' +
        "Write `getShoutOut(instance) { return …; }`, or name another one: `methodName: '…'`.",
    );
    expect(compile(Renamed)).toThrow('Renamed has no method `sayIt`. Write `sayIt(instance) { return …; }`');
  });

  test('may be inherited, and be functions that the constructor makes', async () => {
    class Base extends Serializer {
      getText() {
        return 'inherited';
      }
    }
    class Child extends Base {
      text = new SerializerMethodField<string>();
      made = new SerializerMethodField<string>();
      getMade = () => 'made';
    }
    expect(await new Child({ instance: {} }).data).toEqual({ text: 'inherited', made: 'made' });
  });

  test('that check a field and differ from its hook in capitals or underscores alone are refused', () => {
    class Snake extends Serializer {
      title = new CharField();
      validate_title(value: string) {
        return value;
      }
    }
    class Shouting extends Serializer {
      isbn = new CharField();
      validateISBN(value: string) {
        return value;
      }
    }
    class Arrow extends Serializer {
      title = new CharField();
      validateTitle = (value: string) => value;
    }
    expect(compile(Snake)).toThrow(
      'Snake.validate_title is never called: the field `title` is checked by the method `validateTitle`. ' +
        'Write `validateTitle(value) { …; return value; }`.',
    );
    expect(compile(Shouting)).toThrow('the field `isbn` is checked by the method `validateIsbn`.');
    expect(compile(Arrow)).toThrow(
      'Write `validateTitle(value) { …; return value; }` as a method, not as a class field.',
    );
  });

  test('that begin like a hook may help, or stand for a field that is gone', async () => {
    class Book extends Serializer {
      isbn = new CharField();
      title = new CharField({ required: false });
      validateIsbn(value: string) {
        return this.validateISBN(value);
      }
      validateISBN(value: string) {
        return value.replaceAll('-', '');
      }
      validate_title(value: string) {
        return value;
      }
      validateTitle(value: string) {
        return value;
      }
      validateChecksum() {}
    }
    class Short extends Book.omit('title') {}
    const serializer = new Short({ data: { isbn: '1-2' } });
    expect(await serializer.isValid()).toBe(true);
    expect(serializer.validatedData).toEqual({ isbn: '12' });
  });
});
