/** A file that came in a request, held in memory up to the project's upload limit. */
export class UploadedFile {
  /**
   * @param name file name as sent, without folders
   * @param contentType media type as sent; empty when there was none
   */
  constructor(
    readonly name: string,
    readonly contentType: string,
    private readonly content: Buffer,
  ) {}

  /** Length in bytes. */
  get size(): number {
    return this.content.length;
  }

  bytes(): Buffer {
    return this.content;
  }

  /** The content read as UTF-8. */
  text(): string {
    return this.content.toString('utf8');
  }

  toString(): string {
    return this.name;
  }
}
