// Lists of growing pages over growing tables: DATABASE_URL=postgresql://… npm run bench:scaling (wrk must be installed).
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { auth, User } from '@rf/auth';
import { authtoken } from '@rf/authtoken';
import { restFramework } from '@rf/fastify';
import { KeysetPagination, ListAPIView, PageNumberPagination } from '@rf/generics';
import { countQueries, ModelSerializer } from '@rf/orm';
import { defineApp, defineProject } from '@rf/project';
import { openTestDatabase } from '@rf/testing/database';
import { path } from '@rf/views';
import Fastify from 'fastify';
import { Author, BenchToken, BenchUser, Book, Publisher } from './models.ts';

const SIZES = [10, 100, 1000];
const ROWS = [1_000, 100_000, 1_000_000];
const SECONDS = 2;
/** Columns of text that the fastest list fills. */
const WIDTH = 30;

class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['id', 'name', 'city'] }) {}
class AuthorSerializer extends ModelSerializer(Author, { fields: ['id', 'name'] }) {}
class BookSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'isbn', 'price', 'published', 'inPrint', 'pages', 'created', 'publisher', 'authors'],
}) {
  publisher = new PublisherSerializer({ readOnly: true });
  authors = new AuthorSerializer({ many: true, readOnly: true });
}

class Exact extends PageNumberPagination {
  override pageSizeQueryParam = 'size';
}
class Estimated extends Exact {
  override countMode = 'estimated' as const;
}
class Keyset extends KeysetPagination {
  override pageSizeQueryParam = 'size';
}

class BookList extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override paginationClass: typeof Exact | typeof Keyset = Exact;
}
class EstimatedList extends BookList {
  override paginationClass = Estimated;
}
class KeysetList extends BookList {
  override paginationClass = Keyset;
}

const run = promisify(execFile);

async function requestsPerSecond(url: string): Promise<number> {
  const { stdout } = await run('wrk', ['-t1', '-c8', `-d${SECONDS}s`, url]);
  if (/Non-2xx/.test(stdout)) throw new Error(`${url} is refused:\n${stdout}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

const fill = (rows: number): string[] => [
  "INSERT INTO bench_user (username, email, password) VALUES ('ada', 'ada@example.com', '!')",
  `INSERT INTO publisher (name, city) SELECT 'Publisher ' || i, 'City ' || i % 7 FROM generate_series(1, 20) i`,
  `INSERT INTO author (name) SELECT 'Author ' || i FROM generate_series(1, 200) i`,
  `INSERT INTO book (title, isbn, price, pages, publisher_id, owner_id)
    SELECT 'Book number ' || i, lpad(i::text, 13, '0'), i % 90 + 9.99, 100 + i % 500, 1 + i % 20, 1 FROM generate_series(1, ${rows}) i`,
  `INSERT INTO book_authors (book_id, author_id)
    SELECT b, 1 + (b * 7 + k * 13) % 200 FROM generate_series(1, ${rows}) b, generate_series(0, 2) k`,
  // As a table in use is after a while: without it, the first count of each page looks at every row's visibility.
  'VACUUM (ANALYZE)',
];

interface Result {
  readonly list: string;
  readonly rows: number;
  readonly size: number;
  readonly rate: number;
  readonly queries: number;
}

async function measure(rows: number): Promise<Result[]> {
  const entities = [BenchUser, BenchToken, Publisher, Author, Book];
  const database = await openTestDatabase({ entities, substitutes: new Map([[User, BenchUser]]) });
  for (const statement of fill(rows)) await database.dataSource.query(statement);
  const project = defineProject({
    apps: [auth(), authtoken(), defineApp({ label: 'bench', entities })],
    userModel: BenchUser,
    database: database.url,
    secretKey: 'a benchmark has no secrets, but a key must have a length',
    urls: [path('/exact/', BookList), path('/estimated/', EstimatedList), path('/keyset/', KeysetList)],
  });
  const app = Fastify({ logger: false });
  await app.register(restFramework, { project });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  // The first seconds of a process are the compiler's.
  await requestsPerSecond(`${origin}/keyset/?size=${SIZES[0]}`);
  const results: Result[] = [];
  for (const list of ['exact', 'estimated', 'keyset']) {
    for (const size of SIZES) {
      const url = `/${list}/?size=${size}`;
      await app.inject(url);
      const { result, statements } = await countQueries(async () => await app.inject(url));
      const found = (result.json() as { results: unknown[] }).results.length;
      if (found !== Math.min(size, rows)) throw new Error(`${url} shows ${found} of ${size} rows.`);
      results.push({ list, rows, size, rate: await requestsPerSecond(origin + url), queries: statements.length });
    }
  }
  await app.close();
  await database.close();
  return results;
}

const results: Result[] = [];
for (const rows of ROWS) results.push(...(await measure(rows)));

const most = Math.max(...results.map(({ rate }) => rate));
process.stdout.write(
  `${'pagination'.padEnd(10)} ${'rows'.padStart(9)} ${'page'.padStart(5)} ${'req/s'.padStart(6)} queries\n`,
);
for (const { list, rows, size, rate, queries } of results) {
  // On a logarithmic scale: rates span three powers of ten.
  const bar = '█'.repeat(Math.max(1, Math.round((WIDTH * Math.log10(1 + rate)) / Math.log10(1 + most))));
  process.stdout.write(
    `${list.padEnd(10)} ${String(rows).padStart(9)} ${String(size).padStart(5)} ${rate.toFixed(0).padStart(6)} ${String(queries).padStart(7)} ${bar}\n`,
  );
}
