import pg from 'pg';
import { readLocalMoment, readMoment } from './moment-text.ts';

type Parser = (text: string) => unknown;

const { TIMESTAMP, TIMESTAMPTZ } = pg.types.builtins;

/** pg's parsers, but moments keep their microseconds: what TypeORM reads holds a Moment, which is a Date. */
export const momentTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    const stock = pg.types.getTypeParser(oid, format as 'text') as Parser;
    if (format === 'binary' || (oid !== TIMESTAMP && oid !== TIMESTAMPTZ)) return stock;
    const read = oid === TIMESTAMP ? readLocalMoment : readMoment;
    return (text: string) => {
      const moment = read(text);
      // Infinity, and years before the first.
      return Number.isNaN(moment.getTime()) ? stock(text) : moment;
    };
  },
};
