/** The names of the functions that operators and syntax stand for (common/operators/operators.go of cel-go). */
export const CONDITIONAL = '_?_:_';
export const AND = '_&&_';
export const OR = '_||_';
export const NOT = '!_';
export const EQUALS = '_==_';
export const NOT_EQUALS = '_!=_';
export const ADD = '_+_';
export const NEGATE = '-_';
export const INDEX = '_[_]';
export const OPTIONAL_INDEX = '_[?_]';
export const OPTIONAL_SELECT = '_?._';
export const IN = '@in';
/** Whether a loop goes on: false is the only thing that ends it, an error does not. */
export const NOT_STRICTLY_FALSE = '@not_strictly_false';

export const relations: Readonly<Record<string, string>> = {
  '<': '_<_',
  '<=': '_<=_',
  '>': '_>_',
  '>=': '_>=_',
  '==': EQUALS,
  '!=': NOT_EQUALS,
  in: IN,
};

export const sums: Readonly<Record<string, string>> = { '+': ADD, '-': '_-_' };
export const products: Readonly<Record<string, string>> = { '*': '_*_', '/': '_/_', '%': '_%_' };
