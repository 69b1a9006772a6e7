import type { APIView, FunctionView, HttpResponse, Request } from '@rf/views';
import { countQueries } from './query-count.ts';

/** A view sent more statements than it may. */
export class QueryBudgetExceeded extends Error {
  override name = 'QueryBudgetExceeded';

  constructor(
    view: string,
    readonly limit: number,
    /** What it sent. */
    readonly statements: readonly string[],
  ) {
    super(
      `${view} may send ${limit} statements for one request and sent ${statements.length}:\n` +
        statements.map((text, at) => `${at + 1}. ${text}`).join('\n'),
    );
  }
}

type ViewClass = abstract new (...args: never) => APIView;

/**
 * Sets how many statements one request of a view may send, authentication included: `@queryBudget(3)` above a view class,
 * `queryBudget(3)(view)` for a function view. Outside production a request that sends more throws
 * {@link QueryBudgetExceeded}, so a test of the view fails; in production nothing is counted.
 *
 * @param limit statements; `BEGIN` and `COMMIT` count
 */
export function queryBudget(limit: number): (view: ViewClass | FunctionView) => void {
  return (view) => {
    const type = 'view' in view ? view.view : view;
    const prototype = type.prototype as APIView;
    const { dispatch } = prototype;
    prototype.dispatch = async function counted(this: APIView, request: Request): Promise<HttpResponse> {
      if (process.env.NODE_ENV === 'production') return dispatch.call(this, request);
      const { result, statements } = await countQueries(() => dispatch.call(this, request));
      if (statements.length > limit) throw new QueryBudgetExceeded(this.constructor.name, limit, statements);
      return result;
    };
  };
}
