import { CreateAPIView, ListCreateAPIView, RetrieveUpdateAPIView, RetrieveUpdateDestroyAPIView } from '@rf/generics';
import { ModelSerializer, PrimaryKeyRelatedField } from '@rf/orm';
import {
  BooleanField,
  CharField,
  ChoiceField,
  DateField,
  DateTimeField,
  DecimalField,
  DictField,
  DurationField,
  EmailField,
  FileField,
  FloatField,
  HiddenField,
  IntegerField,
  IPAddressField,
  JSONField,
  ListField,
  MultipleChoiceField,
  ReadOnlyField,
  RegexField,
  Serializer,
  SerializerMethodField,
  SlugField,
  TimeField,
  URLField,
  UUIDField,
} from '@rf/serializers';
import {
  APIView,
  BaseMetadata,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  JSONParser,
  JSONRenderer,
  metadataClass,
  MultiPartParser,
  parserClasses,
  path,
  permissionClasses,
  rendererClasses,
  type Request,
  type UrlEntry,
} from '@rf/views';
import { Book, Publisher } from './entities.ts';
import { GROUPED, PointSerializer, QUALITIES } from './fields.ts';
import { IsOwnerOrReadOnly } from './permissions.ts';
import { PlainTextRenderer } from './renderers.ts';
import { PublisherSerializer } from './serializers-shared.ts';

abstract class EmptyView extends APIView {
  override get(): unknown {
    return {};
  }
}

@rendererClasses(JSONRenderer, PlainTextRenderer)
@parserClasses(JSONParser, MultiPartParser)
class PlainDescription extends EmptyView {
  override description = `A view with a description.

    It has
      two paragraphs.
    `;
}

class HTTPOrderAPIView extends EmptyView {}

class ExplicitName extends EmptyView {
  override name = 'Chosen name';
  override description = 'Chosen description';
}

class OverriddenName extends EmptyView {
  override getViewName(): string {
    return 'From a method';
  }
  override getViewDescription(): string {
    return 'Described by a method';
  }
}

class EverythingSerializer extends Serializer {
  boolean = new BooleanField();
  string = new CharField({ minLength: 1, maxLength: 9, label: 'A string', helpText: 'Help.' });
  email = new EmailField({ required: false });
  url = new URLField({ allowNull: true });
  slug = new SlugField();
  regex = new RegexField({ regex: /^x$/ });
  uuid = new UUIDField();
  ip = new IPAddressField();
  integer = new IntegerField({ minValue: 1, maxValue: 5 });
  float = new FloatField({ minValue: 0.5 });
  decimal = new DecimalField({ maxDigits: 5, decimalPlaces: 2 });
  date = new DateField();
  datetime = new DateTimeField();
  time = new TimeField();
  duration = new DurationField();
  choice = new ChoiceField({ choices: QUALITIES });
  grouped = new ChoiceField({ choices: GROUPED });
  multiple = new MultipleChoiceField({ choices: [1, 2] });
  file = new FileField();
  list = new ListField({ child: new IntegerField({ maxValue: 3 }) });
  listOfLists = new ListField({ child: new ListField() });
  dict = new DictField({ child: new CharField() });
  json = new JSONField();
  point = new PointSerializer();
  points = new PointSerializer({ many: true, required: false });
  hidden = new HiddenField({ default: 1 });
  readOnly = new ReadOnlyField();
  method = new SerializerMethodField<null>();
  publisher = new PrimaryKeyRelatedField({ queryset: Publisher });
  publishers = new PrimaryKeyRelatedField({ queryset: Publisher, many: true });
  two_words = new CharField({ required: false });
  camelCase = new CharField({ required: false });

  getMethod(): null {
    return null;
  }
}

class Everything extends CreateAPIView {
  override serializerClass = EverythingSerializer;
}

class PublisherMeta extends RetrieveUpdateDestroyAPIView<Publisher> {
  override queryset = Publisher;
  override serializerClass = PublisherSerializer;
}

class OwnedBookSerializer extends ModelSerializer(Book, { fields: ['title', 'language'] }) {}

@permissionClasses(IsAuthenticatedOrReadOnly, IsOwnerOrReadOnly)
class OwnedBookMeta extends RetrieveUpdateAPIView<Book> {
  override queryset = Book;
  override serializerClass = OwnedBookSerializer;
}

@permissionClasses(IsAuthenticatedOrReadOnly)
class ReadOnlyPostMeta extends ListCreateAPIView<Book> {
  override queryset = Book;
  override serializerClass = OwnedBookSerializer;
}

@permissionClasses(IsAuthenticated)
class PrivateMeta extends ListCreateAPIView<Book> {
  override queryset = Book;
  override serializerClass = OwnedBookSerializer;
}

class EveryBookFieldSerializer extends ModelSerializer(Book, { fields: '__all__' }) {}

class BookAllMeta extends ListCreateAPIView<Book> {
  override queryset = Book;
  override serializerClass = EveryBookFieldSerializer;
}

class MinimalMetadata extends BaseMetadata {
  override determineMetadata(_request: Request, view: APIView): unknown {
    return { name: view.getViewName(), methods: view.allowedMethods };
  }
}

@metadataClass(MinimalMetadata)
class MinimalMeta extends EmptyView {
  override delete(): unknown {
    return {};
  }
}

export const metadataUrls: UrlEntry[] = [
  path('/metadata/description/', PlainDescription),
  path('/metadata/http-order/', HTTPOrderAPIView),
  path('/metadata/explicit-name/', ExplicitName),
  path('/metadata/overridden-name/', OverriddenName),
  path('/metadata/everything/', Everything),
  path('/metadata/publishers/:pk/', PublisherMeta),
  path('/metadata/owned-books/:pk/', OwnedBookMeta),
  path('/metadata/read-only-post/', ReadOnlyPostMeta),
  path('/metadata/private/', PrivateMeta),
  path('/metadata/book-all/', BookAllMeta),
  path('/metadata/minimal/', MinimalMeta),
];
