/** A class that a mixin can extend. TypeScript asks for `any[]` here. */
// biome-ignore lint/suspicious/noExplicitAny: the only type that the compiler takes for the arguments of a mixin's base
export type Constructor<Instance = object> = new (...args: any[]) => Instance;
