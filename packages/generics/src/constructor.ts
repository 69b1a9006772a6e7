/** A class that a mixin can extend. TypeScript asks for `any[]` here. */
// any: the only type that the compiler takes for the arguments of a mixin's base
export type Constructor<Instance = object> = new (...args: any[]) => Instance;
