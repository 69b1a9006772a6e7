import {
  Decimal,
  Failure,
  parseInteger,
  pythonString,
  Scope,
  TimeField,
  UUIDField,
  DateField,
  Moment,
} from '@rf/serializers';

/** How a value stands in a cursor: as the reference's language prints it. @param text as the database writes it */
export function positionText(type: string, text: string | null): string | null {
  if (text === null) return null;
  if (type === 'boolean') return text === 'true' ? 'True' : 'False';
  if (type !== 'double precision') return text;
  const shown = pythonString(Number(text));
  return /^-?\d+$/.test(shown) ? `${shown}.0` : shown;
}

const scope = new Scope({}, {});
const date = new DateField();
const time = new TimeField();
const uuid = new UUIDField();

/** The value that a position from a client stands for; null when it is none of the column's type. */
export function positionValue(type: string, text: string): unknown {
  switch (type) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return parseInteger(text);
    case 'numeric':
    case 'double precision':
      return Decimal.parse(text);
    case 'boolean':
      return /^(?:true|false)$/i.test(text) ? /^t/i.test(text) : null;
    case 'timestamptz':
    case 'timestamp':
      return Moment.read(text);
    case 'date':
      return orNull(date.parse(text, scope));
    case 'time':
      return orNull(time.parse(text, scope));
    case 'uuid':
      return orNull(uuid.parse(text, scope));
    default:
      return text.includes('\0') ? null : text;
  }
}

function orNull(outcome: unknown): unknown {
  return outcome instanceof Failure ? null : outcome;
}
