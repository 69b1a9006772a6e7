/** Methods as the base classes have them: what is overridden is called, what is not may be done in fewer statements. */
const stock = new WeakSet<object>();

/** Says that a method is the base class's own. */
export function markStock(...methods: readonly object[]): void {
  for (const method of methods) stock.add(method);
}

/** True for a method that no subclass has overridden. */
export function isStockMethod(method: object): boolean {
  return stock.has(method);
}
