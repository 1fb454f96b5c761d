/** Objects that throw on what they do not have, so that a missing API is an error and never `undefined`. */

/** Names that runtimes look up on any object without meaning it (await, JSON, console, inspector). */
const PROBED = new Set([
  'then',
  'toJSON',
  'constructor',
  'inspect',
  'nodeType',
  'tagName',
  '_events',
  'domain',
  'default',
]);

export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, property, receiver) {
      if (property in object || typeof property === 'symbol' || PROBED.has(property))
        return Reflect.get(object, property, receiver);
      throw new Error(`electron stand-in: ${name}.${property} is not there; add it in test/e2e/electron-standin`);
    },
    set(object, property, value, receiver) {
      if (property in object || typeof property === 'symbol' || property.startsWith('_'))
        return Reflect.set(object, property, value, receiver);
      throw new Error(`electron stand-in: ${name}.${property} cannot be set; add it in test/e2e/electron-standin`);
    },
  });
}
