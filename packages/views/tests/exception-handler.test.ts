import { AccessDenied, APIException, Http404, NotFound, Throttled, ValidationError } from '@rf/exceptions';
import { APIView, exceptionHandler, type ExceptionHandler, HttpResponse, type Request, Response } from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

const raising = (error: unknown, handler?: ExceptionHandler) => {
  class Raise extends APIView {
    override get(): never {
      throw error;
    }
  }
  return new TestSite(Raise, handler === undefined ? {} : { exceptionHandler: handler }).get();
};

describe('exceptionHandler (EX01, EX05)', () => {
  it.each([
    [new NotFound('No such shelf.'), 404, { detail: 'No such shelf.' }],
    [new APIException(['It broke.', 'Twice.']), 500, ['It broke.', 'Twice.']],
    [new APIException({ part: 'engine', level: ['high'] }), 500, { part: 'engine', level: ['high'] }],
    [new ValidationError('Bad order.'), 400, ['Bad order.']],
    [new ValidationError({ title: 'Too long.' }), 400, { title: 'Too long.' }],
    [new Http404(), 404, { detail: 'Not found.' }],
    [new Http404('No such page.'), 404, { detail: 'No such page.' }],
    [new AccessDenied(), 403, { detail: 'You do not have permission to perform this action.' }],
    [new AccessDenied('Doors are locked.'), 403, { detail: 'Doors are locked.' }],
  ])('answers %s', async (error, status, body) => {
    const answer = await raising(error);
    expect([answer.status, answer.json]).toEqual([status, body]);
  });

  it.each([
    [1, '1'],
    [29.2, '30'],
    [0, undefined],
    [null, undefined],
  ])('tells when to try again after a wait of %s (TH06)', async (wait, header) => {
    expect((await raising(new Throttled(wait))).header('retry-after')).toBe(header);
  });

  it('marks the response as that of an exception (RN12)', async () => {
    expect(((await raising(new NotFound())).response as Response).exception).toBe(true);
  });
});

describe("a handler of one's own (EX06)", () => {
  it('can wrap the default answer, headers kept', async () => {
    const wrap: ExceptionHandler = async (error, context) => {
      const response = exceptionHandler(error, context);
      if (response !== null)
        response.data = { status: response.status, errors: response.data, method: context.request.method };
      return response;
    };
    const answer = await raising(new Throttled(1), wrap);
    expect(answer.json).toEqual({
      status: 429,
      method: 'GET',
      errors: { detail: 'Request was throttled. Expected available in 1 second.' },
    });
    expect(answer.header('retry-after')).toBe('1');
  });

  it('is given errors that are no exceptions of the API too', async () => {
    const answer = await raising(
      new RangeError('odd'),
      (error) => new HttpResponse(`<p>${(error as Error).name}`, { status: 418 }),
    );
    expect([answer.status, answer.text]).toEqual([418, '<p>RangeError']);
  });

  it('leaves an error unhandled by null', async () => {
    expect((await raising(new NotFound(), () => null)).status).toBe(500);
  });

  it('is given view and arguments', async () => {
    const answer = await raising(
      new NotFound(),
      (_error, { view, params }) => new Response([view.constructor.name, params]),
    );
    expect(answer.json).toEqual(['Raise', {}]);
  });

  it("can be a view's own", async () => {
    class Own extends APIView {
      override getExceptionHandler(): ExceptionHandler {
        return () => new Response('mine', { status: 409 });
      }
      override get(_request: Request): never {
        throw new NotFound();
      }
    }
    const answer = await new TestSite(Own).get();
    expect([answer.status, answer.json]).toEqual([409, 'mine']);
  });
});
