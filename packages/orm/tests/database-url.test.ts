import { parseDatabaseUrl } from '@rf/orm';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

describe('parseDatabaseUrl', () => {
  test.each([
    ['postgresql://u:p@h:1/d', { kind: 'postgresql', url: 'postgresql://u:p@h:1/d' }],
    ['postgres://h/d', { kind: 'postgresql', url: 'postgres://h/d' }],
    ['pglite://memory', { kind: 'pglite', directory: null, from: null }],
    ['pglite://memory?from=a b.tar', { kind: 'pglite', directory: null, from: path.resolve('a b.tar') }],
    ['pglite://./data', { kind: 'pglite', directory: path.resolve('data'), from: null }],
    ['pglite://data', { kind: 'pglite', directory: path.resolve('data'), from: null }],
    ['pglite:///var/lib/app', { kind: 'pglite', directory: '/var/lib/app', from: null }],
  ])('%s', (url, address) => {
    expect(parseDatabaseUrl(url)).toEqual(address);
  });

  test.each(['mysql://root:secret@h/d', 'pglite://', 'root:secret@h', ''])(
    'refuses %j without repeating a password',
    (url) => {
      let message = '';
      try {
        parseDatabaseUrl(url);
      } catch (error) {
        message = (error as Error).message;
      }

      expect(message).toContain('Write postgresql://USER:PASSWORD@HOST:PORT/NAME');
      expect(message).not.toContain('secret');
    },
  );
});
