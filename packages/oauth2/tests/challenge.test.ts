import { formatChallenge } from '@rf/oauth2';
import { expect, test } from 'vitest';

test('without an error the challenge names the realm alone', () => {
  expect(formatChallenge('Bearer', 'api')).toBe('Bearer realm="api"');
});

test('attributes follow in the order of RFC 6750', () => {
  expect(formatChallenge('Bearer', 'api', { scope: 'read', description: 'Why.', error: 'insufficient_scope' })).toBe(
    'Bearer realm="api",error="insufficient_scope",error_description="Why.",scope="read"',
  );
});

test('quotes are escaped and what could leave the header is dropped', () => {
  expect(formatChallenge('Bearer', 'a"b\\c\r\nX: y é')).toBe('Bearer realm="a\\"b\\\\cX: y "');
});
