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

/** Statements at most, by the actions of a viewset or the methods of a view: `{ list: 3 }`, `{ get: 2 }`. */
export type QueryBudgets = Readonly<Record<string, number>>;

/**
 * Sets how many statements one request of a view may send, authentication included: `@queryBudget(3)` above a view class,
 * `queryBudget(3)(view)` for a function view, `@queryBudget({ list: 3 })` for some actions of a viewset. Outside production a
 * request that sends more throws {@link QueryBudgetExceeded}, so a test of the view fails; in production nothing is counted.
 *
 * @param budget statements; `BEGIN` and `COMMIT` count
 */
export function queryBudget(budget: number | QueryBudgets): (view: ViewClass | FunctionView) => void {
  return (view) => {
    const type = 'view' in view ? view.view : view;
    const prototype = type.prototype as APIView;
    const { dispatch } = prototype;
    prototype.dispatch = async function counted(this: APIView, request: Request): Promise<HttpResponse> {
      if (process.env.NODE_ENV === 'production') return dispatch.call(this, request);
      const { result, statements } = await countQueries(() => dispatch.call(this, request));
      const limit = typeof budget === 'number' ? budget : (budget[workOf(this, request)] ?? Infinity);
      if (statements.length > limit) throw new QueryBudgetExceeded(this.constructor.name, limit, statements);
      return result;
    };
  };
}

/** The action of a viewset, the method of another view. */
function workOf(view: APIView & { readonly action?: string | null }, request: Request): string {
  return view.action ?? request.method.toLowerCase();
}
