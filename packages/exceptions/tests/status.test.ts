import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import { isClientError, isInformational, isRedirect, isServerError, isSuccess, status } from '@rf/exceptions';

describe('status (ST01)', () => {
  it('names each code with its number', () => {
    for (const [name, code] of Object.entries(status)) expect(name).toMatch(new RegExp(`^HTTP_${code}_[A-Z_]+$`));
  });

  it('has every code that Node knows a phrase for', () => {
    const codes = new Set<number>(Object.values(status));
    expect(
      Object.keys(STATUS_CODES)
        .map(Number)
        .filter((code) => !codes.has(code)),
    ).toEqual([]);
  });
});

describe('the helpers (ST02)', () => {
  it('sort codes by their first digit', () => {
    const kinds = [isInformational, isSuccess, isRedirect, isClientError, isServerError];
    kinds.forEach((isKind, at) => {
      const first = (at + 1) * 100;
      expect([first - 1, first, first + 99, first + 100].map(isKind)).toEqual([false, true, true, false]);
    });
  });
});
