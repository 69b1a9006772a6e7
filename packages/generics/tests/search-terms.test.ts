import { strip } from '@rf/serializers';
import { expect, test } from 'vitest';
import { searchTerms } from '../src/search-terms.ts';

test('terms are parted by what is cut off at the ends of text, and by nothing else', () => {
  for (let code = 0; code <= 0xffff; code += 1) {
    const character = String.fromCharCode(code);
    if (character === ',' || character === "'" || character === '"' || /[\ud800-\udfff]/.test(character)) continue;
    const terms = strip(character) === '' ? ['a', 'b'] : [`a${character}b`];
    expect(searchTerms(`a${character}b`), `U+${code.toString(16)}`).toEqual(terms);
  }
});
