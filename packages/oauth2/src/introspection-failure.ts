/** An introspection endpoint that could not be asked, or whose answer says nothing. The text is for the log: it holds nothing of the answer. */
export class IntrospectionFailure extends Error {
  override readonly name = 'IntrospectionFailure';
}
