import { type Detail, type DetailInput, type DetailTree, mapDetail, toDetail } from './error-detail.ts';

/** A text beside its code, as {@link APIException.getFullDetails} shows it. */
export interface FullDetail {
  readonly message: string;
  readonly code: string;
}

/**
 * An error that is an answer: throw it anywhere below a view and the client receives its status and detail.
 *
 * A subclass sets the statics (DRF feature rows EX02, EX03):
 *
 * ```ts
 * class OutOfStock extends APIException {
 *   static override statusCode = 409;
 *   static override defaultDetail = 'The book is out of stock.';
 *   static override defaultCode = 'out_of_stock';
 * }
 * ```
 */
export class APIException extends Error {
  static statusCode = 500;
  static defaultDetail: string = 'A server error occurred.';
  static defaultCode: string = 'error';

  /** HTTP status of the answer. A view lowers 401 to 403 where its first authentication class names no challenge. */
  statusCode: number;
  /** The body: a text, or a list or object of texts, each with its code. */
  readonly detail: Detail;

  /**
   * @param detail a text, or a list or object of texts; the class's `defaultDetail` when left out
   * @param code machine-readable code of every text without one; the class's `defaultCode` when left out
   */
  constructor(detail?: DetailInput, code?: string) {
    super();
    const type = new.target;
    this.statusCode = type.statusCode;
    this.detail = this.makeDetail(detail ?? type.defaultDetail, code ?? type.defaultCode);
    this.name = type.name;
    this.message = typeof detail === 'string' ? detail : String(this);
  }

  /** Turns what the constructor was given into the body. */
  protected makeDetail(detail: DetailInput, code: string): Detail {
    return toDetail(detail, code);
  }

  /** The codes in the shape of the detail. */
  getCodes(): DetailTree<string> {
    return mapDetail(this.detail, (error) => error.code);
  }

  /** Text and code of every error, in the shape of the detail. */
  getFullDetails(): DetailTree<FullDetail> {
    return mapDetail<FullDetail>(this.detail, ({ message, code }) => ({ message, code }));
  }

  override toString(): string {
    return this.detail === undefined ? super.toString() : JSON.stringify(this.detail).replace(/^"|"$/g, '');
  }
}
