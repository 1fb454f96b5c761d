/** What a display filter says, before anything is known of its fields. Every node knows its place in the text. */
export interface Place {
  at: number;
  length: number;
}

export type Relation = '==' | '!=' | '===' | '!==' | '>' | '<' | '>=' | '<=' | 'contains' | 'matches';
export type Quantifier = 'any' | 'all' | undefined;

export type Test = Place &
  (
    | { kind: 'and' | 'or' | 'xor'; left: Test; right: Test }
    | { kind: 'not'; test: Test }
    | { kind: 'exists'; value: Value }
    | { kind: 'compare'; relation: Relation; quantifier: Quantifier; left: Value; right: Value }
    | { kind: 'in'; quantifier: Quantifier; value: Value; set: SetItem[]; negated: boolean }
  );

export interface SetItem {
  low: Value;
  /** Of a range, which includes both ends. */
  high?: Value;
}

/** [start, end) in elements; negative counts from the end; no end = to the end. */
export interface Slice {
  start: number;
  end: number | undefined;
}

export type Value = Place &
  (
    | { kind: 'word'; text: string }
    | { kind: 'string'; text: string }
    | { kind: 'char'; text: string }
    | { kind: 'field'; name: string; layers?: Slice[]; raw: boolean }
    | { kind: 'slice'; of: Value; parts: Slice[] }
    | { kind: 'call'; name: string; args: Value[] }
    | { kind: 'arithmetic'; operator: '+' | '-' | '*' | '/' | '%' | '&'; left: Value; right: Value }
    | { kind: 'negative'; of: Value }
  );
