import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImproperlyConfigured } from '@rf/exceptions';
import { db, field, ModelSerializer, planFor } from '@rf/orm';
import { boundFields, FileField, ImageField, settingsOf } from '@rf/serializers';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import { defaultSettings, FileSystemStorage, UploadedFile } from '@rf/views';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { shopRequest } from './fixtures/requests.ts';

@Entity('print')
class Print {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 20, unique: true })
  title!: string;

  @field({ kind: 'image', uploadTo: 'prints' })
  @Column({ type: 'varchar', length: 40, nullable: true })
  picture!: string | null;

  @field({ kind: 'file', blank: true })
  @Column({ type: 'varchar', length: 100, default: '' })
  licence!: string;
}

class PrintSerializer extends ModelSerializer(Print, { fields: ['id', 'title', 'picture', 'licence'] }) {}
/** Lets the database find the double. */
class TrustingSerializer extends ModelSerializer(Print, {
  fields: ['title', 'licence'],
  extraKwargs: { title: { validators: [] } },
}) {}

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
  'base64',
);
const picture = (name: string, bytes = png) => new UploadedFile(name, 'image/png', bytes);
const text = (name: string) => new UploadedFile(name, 'text/plain', Buffer.from('All rights reserved.'));

let directory: string;
let database: OpenTestDatabase;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rf-stored-'));
  database = await openTestDatabase({ entities: [Print] });
});
afterAll(async () => {
  await database.close();
  await rm(directory, { recursive: true });
});

function context(storage: FileSystemStorage | null = new FileSystemStorage({ directory })) {
  const request = shopRequest(database.dataSource);
  return { request: Object.assign(request, { site: { ...request.site, settings: { ...defaultSettings, storage } } }) };
}

async function save(data: object, instance: Print | null = null): Promise<Print> {
  const serializer = new PrintSerializer({ data, instance, partial: instance !== null, context: context() });
  await serializer.isValid({ raise: true });
  return (await serializer.save()) as unknown as Print;
}

it('derives file and image fields that know the length of their column', () => {
  const fields = boundFields(PrintSerializer);
  expect(fields.get('picture')).toBeInstanceOf(ImageField);
  expect(fields.get('picture')?.options).toMatchObject({ maxLength: 40, allowNull: true, required: false });
  expect(fields.get('licence')).toBeInstanceOf(FileField);
  expect(fields.get('licence')?.options).toMatchObject({ maxLength: 100, required: false });
});

it('keeps the files of a new row, stores their names, and shows their URLs', async () => {
  const serializer = new PrintSerializer({
    data: { title: 'Sea', picture: picture('sea.png'), licence: text('free.txt') },
    context: context(),
  });
  await serializer.isValid({ raise: true });
  const { id } = (await serializer.save()) as unknown as Print;

  expect(await database.dataSource.manager.findOneBy(Print, { id })).toMatchObject({
    picture: 'prints/sea.png',
    licence: 'free.txt',
  });
  expect(await serializer.data).toEqual({
    id,
    title: 'Sea',
    picture: 'http://shop.test/media/prints/sea.png',
    licence: 'http://shop.test/media/free.txt',
  });
  expect(await readdir(join(directory, 'prints'))).toContain('sea.png');
});

it('shows the same through a read plan, and null where there is no file', async () => {
  const filled = await save({ title: 'Hill', picture: picture('hill.png') });
  const plan = planFor(PrintSerializer, database.dataSource, Print, settingsOf(context()));
  const shown = await plan?.one(Print, { where: { id: filled.id } }, new PrintSerializer({ context: context() }));
  expect(shown).toMatchObject({ picture: 'http://shop.test/media/prints/hill.png', licence: null });
});

it('changes a file, and takes it off with null; the former file stays', async () => {
  const row = await save({ title: 'Wood', picture: picture('wood.png') });
  await save({ picture: picture('wood.png') }, row);
  expect(row.picture).toMatch(/^prints\/wood_[0-9a-f]{7}\.png$/);
  await save({ title: 'Woods' }, row);
  expect(row.picture).toMatch(/^prints\/wood_/);
  await save({ picture: null }, row);
  expect(await database.dataSource.manager.findOneBy(Print, { id: row.id })).toMatchObject({ picture: null });
  expect((await readdir(join(directory, 'prints'))).filter((name) => name.startsWith('wood'))).toHaveLength(2);
});

it('keeps files of rows that are made many at a time', async () => {
  const serializer = new PrintSerializer({
    data: [
      { title: 'One', picture: picture('one.png') },
      { title: 'Two', licence: text('two.txt') },
    ],
    many: true,
    context: context(),
  });
  await serializer.isValid({ raise: true });
  await serializer.save();
  expect(await database.dataSource.manager.findOneBy(Print, { title: 'One' })).toMatchObject({
    picture: 'prints/one.png',
  });
  expect(await database.dataSource.manager.findOneBy(Print, { title: 'Two' })).toMatchObject({ licence: 'two.txt' });
});

it('removes the file of a row that the database refuses', async () => {
  await save({ title: 'Lake' });
  const serializer = new TrustingSerializer({ data: { title: 'Lake', licence: text('lost.txt') }, context: context() });
  await serializer.isValid({ raise: true });
  await expect(serializer.save()).rejects.toMatchObject({ statusCode: 400 });
  expect(await readdir(directory)).not.toContain('lost.txt');
});

it('names the setting to write where a project has no storage', async () => {
  const data = { title: 'Nowhere', licence: text('a.txt') };
  const serializer = new PrintSerializer({ data, context: context(null) });
  await serializer.isValid({ raise: true });
  await expect(serializer.save()).rejects.toThrow(ImproperlyConfigured);
  await expect(serializer.save()).rejects.toThrow(/Print\.licence is a file.*storage: new FileSystemStorage/);
  expect(await db(context().request).countBy(Print, { title: 'Nowhere' })).toBe(0);
});
