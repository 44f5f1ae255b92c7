// Errors made by Node's core are not `instanceof Error` inside Jest's sandbox (jestjs/jest #2549), so p-retry would give up at once.
// `Error.isError` looks at the value itself; subclasses keep the ordinary meaning.
const ordinary = Function.prototype[Symbol.hasInstance];
Object.defineProperty(Error, Symbol.hasInstance, {
  configurable: true,
  value(value) {
    return this === Error ? Error.isError(value) : ordinary.call(this, value);
  },
});
