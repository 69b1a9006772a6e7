/** A document that could not be fetched, or that describes no client. The text is for the log: clients are told nothing of it. */
export class DocumentFailure extends Error {
  override readonly name = 'DocumentFailure';
}
