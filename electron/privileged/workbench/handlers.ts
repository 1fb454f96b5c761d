/** The shape of a group of handlers of role `workbench`. */
export type HandlersOf<Methods> = {
  [M in keyof Methods]: Methods[M] extends [infer P, infer R] ? (params: P) => R | Promise<R> : never;
};
