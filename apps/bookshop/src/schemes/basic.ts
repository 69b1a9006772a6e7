import { BasicAuthentication, SessionAuthentication } from '@rf/auth';
import {
  APIView,
  apiView,
  authenticationClasses,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request,
  Response,
} from '@rf/views';
import type { Scheme } from './scheme.ts';

/** A class view with policies of its own. */
@authenticationClasses(SessionAuthentication, BasicAuthentication)
@permissionClasses(IsAuthenticated)
export class ExampleView extends APIView {
  override description = 'Who you are, and with what you showed it.';

  override get(request: Request): Response {
    return new Response({ user: String(request.user), auth: request.auth && String(request.auth) });
  }
}

/** The same as a function. */
export const exampleView = apiView(
  ['GET'],
  authenticationClasses(SessionAuthentication, BasicAuthentication),
  permissionClasses(IsAuthenticated),
)(function exampleView(request) {
  return new Response({ user: String(request.user), auth: request.auth && String(request.auth) });
});

/** A session of a browser, or a name and a password with every request. */
export const basic: Scheme = {
  urls: [path('/example/', ExampleView, { name: 'example' }), path('/example-function/', exampleView)],
  hints: (_site, origin) => [
    ['A class view, with Basic authentication', `curl -u alice:alice-pass-1 ${origin}/example/`],
    ['The same view as a function', `curl -u alice:alice-pass-1 ${origin}/example-function/`],
    ['Without credentials it is 403: a session has no challenge', `curl -i ${origin}/example/`],
    ['What a view can do', `curl -X OPTIONS -u alice:alice-pass-1 ${origin}/example/`],
  ],
};
