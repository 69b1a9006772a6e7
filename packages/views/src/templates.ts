/** Renders named templates; an instance of a template library, such as eta, fits after a line of wiring. */
export interface TemplateEngine {
  /** The text of template `name` with `context`. */
  render(name: string, context: object): string;
  /** True when there is a template of that name. */
  has(name: string): boolean;
}
