import { parseDatabaseUrl } from '@rf/orm';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

describe('parseDatabaseUrl', () => {
  test.each([
    ['postgresql://u:p@h:1/d', { kind: 'postgresql', url: 'postgresql://u:p@h:1/d' }],
    ['postgres://h/d', { kind: 'postgresql', url: 'postgres://h/d' }],
    ['pglite://memory', { kind: 'pglite', directory: null }],
    ['pglite://./data', { kind: 'pglite', directory: path.resolve('data') }],
    ['pglite://data', { kind: 'pglite', directory: path.resolve('data') }],
    ['pglite:///var/lib/app', { kind: 'pglite', directory: '/var/lib/app' }],
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
