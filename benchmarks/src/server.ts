// The API of the benchmark, written as a user would write it: PORT and DATABASE_URL name where.
import { auth } from '@rf/auth';
import { authtoken, TokenAuthentication } from '@rf/authtoken';
import { restFramework } from '@rf/fastify';
import { ModelViewSet, PageNumberPagination, SimpleRouter } from '@rf/generics';
import { ModelSerializer } from '@rf/orm';
import { defineApp, defineProject } from '@rf/project';
import type { Serializer } from '@rf/serializers';
import { APIView, authenticationClasses, IsAuthenticated, path, permissionClasses, type Request } from '@rf/views';
import Fastify from 'fastify';
import { Author, BenchToken, BenchUser, Book, Publisher } from './models.ts';

class BenchTokenAuthentication extends TokenAuthentication {
  override model = BenchToken;
}

class Hello extends APIView {
  override get(): unknown {
    return { message: 'hello' };
  }
}

@authenticationClasses(BenchTokenAuthentication)
@permissionClasses(IsAuthenticated)
class Me extends APIView {
  override get(request: Request): unknown {
    const { id, username, email } = request.user as BenchUser;
    return { id, username, email };
  }
}

class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['id', 'name', 'city'] }) {}

class AuthorSerializer extends ModelSerializer(Author, { fields: ['id', 'name'] }) {}

class BookSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'isbn', 'price', 'published', 'inPrint', 'pages', 'created', 'publisher', 'authors'],
}) {
  publisher = new PublisherSerializer({ readOnly: true });
  authors = new AuthorSerializer({ many: true, readOnly: true });
}

class Pagination extends PageNumberPagination {
  override pageSize = 25;
}

@authenticationClasses(BenchTokenAuthentication)
@permissionClasses(IsAuthenticated)
class BookViewSet extends ModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override paginationClass = Pagination;

  override async performCreate(serializer: Serializer): Promise<void> {
    await serializer.save({ owner: this.request.user });
  }
}

const router = new SimpleRouter();
router.register('books', BookViewSet);

const bench = defineApp({ label: 'bench', entities: [BenchUser, BenchToken, Publisher, Author, Book] });

const project = defineProject({
  apps: [auth(), authtoken(), bench],
  userModel: BenchUser,
  database: process.env.DATABASE_URL as string,
  secretKey: 'a benchmark has no secrets, but a key must have a length',
  urls: [path('/hello/', Hello), path('/me/', Me), ...router.urls],
});

const app = Fastify({ logger: false });
await app.register(restFramework, { project });
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.stdout.write(`listening on ${process.env.PORT}\n`);
