import { describeFields, ListCreateAPIView, ModelViewSet, RetrieveUpdateAPIView, SimpleRouter } from '@rf/generics';
import { ModelSerializer } from '@rf/orm';
import * as fields from '@rf/serializers';
import {
  BasePermission,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  isSafeMethod,
  path,
  permissionClasses,
  type Request,
} from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, BookSerializer, Publisher, PublisherSerializer, Tag, TagSerializer } from './fixtures/shop.ts';

class DescribedSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'price', 'language', 'published', 'publisher', 'tags'],
  extraKwargs: { title: { label: 'Name', helpText: 'On the cover.' } },
}) {}

class EveryKind extends fields.Serializer {
  boolean = new fields.BooleanField();
  text = new fields.CharField({ minLength: 1, maxLength: 9 });
  url = new fields.URLField();
  email = new fields.EmailField();
  regex = new fields.RegexField({ regex: /^a$/ });
  slug = new fields.SlugField();
  uuid = new fields.UUIDField();
  integer = new fields.IntegerField({ minValue: 0, maxValue: 5 });
  float = new fields.FloatField();
  decimal = new fields.DecimalField({ maxDigits: 5, decimalPlaces: 2 });
  date = new fields.DateField();
  datetime = new fields.DateTimeField();
  time = new fields.TimeField();
  duration = new fields.DurationField();
  choice = new fields.ChoiceField({
    choices: [
      ['a', 'A'],
      ['b', 'B'],
    ],
  });
  several = new fields.MultipleChoiceField({ choices: ['x'] });
  numbered = new fields.ChoiceField({ choices: [1, [2, 'Two']] });
  file = new fields.FileField();
  list = new fields.ListField({ child: new fields.IntegerField({ minValue: 1 }) });
  dict = new fields.DictField({ child: new fields.CharField() });
  computed = new fields.ReadOnlyField();
  hidden = new fields.HiddenField({ default: 1 });
  nested = new TagSerializer();
  severalNested = new TagSerializer({ many: true });
}

class OwnerOnly extends BasePermission {
  override hasObjectPermission(request: Request, _view: unknown, object: unknown): boolean {
    return isSafeMethod(request.method) || (object as Book).isbn === `978000000000${request.user.id}`;
  }
}
class Described extends ListCreateAPIView<Book> {
  override queryset = Book;
  override serializerClass = DescribedSerializer;
}
@permissionClasses(IsAuthenticatedOrReadOnly, OwnerOnly)
class One extends RetrieveUpdateAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
}
class Publishers extends ModelViewSet<Publisher> {
  override queryset = Publisher;
  override serializerClass = PublisherSerializer;
  override permissionClasses = { create: [IsAuthenticated] };
}
/** POST alone is for who is logged in. */
class PostForSome extends ListCreateAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
  @permissionClasses(IsAuthenticated)
  override post(request: Request) {
    return this.create(request, {});
  }
}
const router = new SimpleRouter();
router.register('publishers', Publishers);

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start([
    path('/described/', Described),
    path('/one/:pk/', One),
    path('/some/', PostForSome),
    ...router.urls,
  ]);
  await shop.reset();
});
afterAll(() => shop.close());

const options = async (at: string, user?: string) =>
  (await shop.send('OPTIONS', at, user === undefined ? {} : { user })).json;

describe('OPTIONS of a generic view', () => {
  test('tells name, description, media types, and the fields of what the caller may do (MD01)', async () => {
    const { actions, ...rest } = await options('/described/');

    expect(rest).toEqual({
      name: 'Described',
      description: '',
      renders: ['application/json'],
      parses: ['application/json', 'application/x-www-form-urlencoded'],
    });
    expect(Object.keys(actions)).toEqual(['POST']);
    expect(actions.POST.id).toEqual({ type: 'integer', required: false, read_only: true, label: 'ID' });
    expect(actions.POST.title).toEqual({
      type: 'string',
      required: true,
      read_only: false,
      label: 'Name',
      help_text: 'On the cover.',
      max_length: 200,
    });
    expect(actions.POST.price).toMatchObject({ type: 'decimal', max_digits: 8, decimal_places: 2 });
    expect(actions.POST.language).toMatchObject({
      type: 'choice',
      choices: [
        { value: 'en', display_name: 'English' },
        { value: 'fr', display_name: 'French' },
        { value: 'de', display_name: 'German' },
      ],
    });
    // The rows of relations are not told: there may be many.
    expect(actions.POST.publisher).toEqual({ type: 'field', required: false, read_only: false, label: 'Publisher' });
  });

  test('has PUT only where the object is there and may be changed by who asks (MD01)', async () => {
    expect((await options('/one/1/')).actions).toBeUndefined();
    expect(Object.keys((await options('/one/1/', 'alice')).actions)).toEqual(['PUT']);
    expect((await options('/one/1/', 'bob')).actions).toBeUndefined();
    expect((await options('/one/99/', 'alice')).actions).toBeUndefined();
    expect((await options('/one/x/', 'alice')).actions).toBeUndefined();
  });

  test('asks the permissions of the method or the action that it describes', async () => {
    expect((await options('/some/')).actions).toBeUndefined();
    expect(Object.keys((await options('/some/', 'bob')).actions.POST)).toEqual(['id', 'slug', 'label']);
    expect((await options('/publishers/')).actions).toBeUndefined();
    expect(Object.keys((await options('/publishers/', 'bob')).actions)).toEqual(['POST']);
    expect(Object.keys((await options('/publishers/1/')).actions)).toEqual(['PUT']);
  });
});

describe('describeFields', () => {
  const told = describeFields(new EveryKind());

  test('has a word for each kind of field, and none for hidden ones (MD02)', () => {
    expect(Object.fromEntries(Object.entries(told).map(([name, { type }]) => [name, type]))).toEqual({
      boolean: 'boolean',
      text: 'string',
      url: 'url',
      email: 'email',
      regex: 'regex',
      slug: 'slug',
      uuid: 'string',
      integer: 'integer',
      float: 'float',
      decimal: 'decimal',
      date: 'date',
      datetime: 'datetime',
      time: 'time',
      duration: 'duration',
      choice: 'choice',
      several: 'multiple choice',
      numbered: 'choice',
      file: 'file upload',
      list: 'list',
      dict: 'nested object',
      computed: 'field',
      nested: 'nested object',
      severalNested: 'field',
    });
  });

  test('tells limits, choices, items and nested fields', () => {
    expect(told.text).toMatchObject({ min_length: 1, max_length: 9 });
    expect(told.integer).toMatchObject({ min_value: 0, max_value: 5 });
    expect(told.several).toMatchObject({ choices: [{ value: 'x', display_name: 'x' }] });
    expect(told.numbered).toMatchObject({
      choices: [
        { value: 1, display_name: 1 },
        { value: 2, display_name: 'Two' },
      ],
    });
    expect(told.list).toMatchObject({ child: { type: 'integer', min_value: 1 } });
    expect(told.nested).toMatchObject({ children: { slug: { type: 'slug', max_length: 50 } } });
    expect(told.severalNested).toMatchObject({
      child: { type: 'nested object', children: { id: { read_only: true } } },
    });
  });

  test('tells the same of a list as of one', () => {
    expect(describeFields(new TagSerializer({ many: true } as never))).toEqual(describeFields(new TagSerializer()));
  });
});
