import { readJSON } from '@rf/serializers';
import pg from 'pg';
import { readLocalMoment, readMoment } from './moment-text.ts';

type Parser = (text: string) => unknown;

const { JSON: JSON_TYPE, JSONB, TIMESTAMP, TIMESTAMPTZ } = pg.types.builtins;

/**
 * pg's parsers, but nothing is lost: moments keep their microseconds, as a Moment, which is a Date; large integers in JSON are bigints.
 */
export const exactTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    const stock = pg.types.getTypeParser(oid, format as 'text') as Parser;
    if (format === 'binary') return stock;
    if (oid === JSON_TYPE || oid === JSONB) return (text: string) => readJSON(text);
    if (oid !== TIMESTAMP && oid !== TIMESTAMPTZ) return stock;
    const read = oid === TIMESTAMP ? readLocalMoment : readMoment;
    return (text: string) => {
      const moment = read(text);
      // Infinity, and years before the first.
      return Number.isNaN(moment.getTime()) ? stock(text) : moment;
    };
  },
};
