import { isFields } from '../../kube/fields.ts';
import { isTrue, printed } from './execute.ts';
import type { Functions } from './syntax.ts';

/** What KWOK's templates have from the library sprig (masterminds.github.io/sprig), as far as it has to do with texts, numbers, lists and maps. */
export const sprig: Functions = {
  ...values(),
  ...texts(),
  ...numbers(),
  ...collections(),
};

function values(): Functions {
  return {
    default: (otherwise, value) => (isTrue(value) ? value : otherwise),
    empty: (value) => !isTrue(value),
    coalesce: (...args) => args.find(isTrue),
    ternary: (whenTrue, whenFalse, test) => (isTrue(test) ? whenTrue : whenFalse),
    toString: printed,
    toJson: (value) => JSON.stringify(value ?? null),
    fromJson: (text) => JSON.parse(String(text)) as unknown,
  };
}

function texts(): Functions {
  const lines = (text: unknown, indent: unknown) => String(text).replace(/^/gm, ' '.repeat(Number(indent)));
  return {
    upper: (text) => String(text).toUpperCase(),
    lower: (text) => String(text).toLowerCase(),
    trim: (text) => String(text).trim(),
    trimPrefix: (prefix, text) => (String(text).startsWith(String(prefix)) ? String(text).slice(String(prefix).length) : text),
    trimSuffix: (suffix, text) => (String(text).endsWith(String(suffix)) ? String(text).slice(0, String(text).length - String(suffix).length) : text),
    contains: (part, text) => String(text).includes(String(part)),
    hasPrefix: (prefix, text) => String(text).startsWith(String(prefix)),
    hasSuffix: (suffix, text) => String(text).endsWith(String(suffix)),
    replace: (part, by, text) => String(text).replaceAll(String(part), () => String(by)),
    quote: (...args) => args.map((text) => JSON.stringify(printed(text))).join(' '),
    squote: (...args) => args.map((text) => `'${printed(text)}'`).join(' '),
    indent: (by, text) => lines(text, by),
    nindent: (by, text) => `\n${lines(text, by)}`,
    splitList: (separator, text) => String(text).split(String(separator)),
    join: (separator, list) => elements(list).map(printed).join(String(separator)),
    b64enc: (text) => Buffer.from(String(text)).toString('base64'),
    b64dec: (text) => Buffer.from(String(text), 'base64').toString(),
  };
}

function numbers(): Functions {
  const whole = (value: unknown) => Math.trunc(Number(value)) || 0;
  const divisor = (value: unknown) => {
    if (whole(value) === 0) throw new Error('runtime error: integer divide by zero');
    return whole(value);
  };
  const range = (from: number, to: number, step: number) => {
    const length = step === 0 ? 0 : Math.max(0, Math.ceil((to - from) / step));
    if (length > MAX_RANGE) throw new Error(`more than ${MAX_RANGE} numbers`);
    return Array.from({ length }, (_, i) => from + i * step);
  };
  return {
    int: whole,
    int64: whole,
    atoi: whole,
    float64: (value) => Number(value) || 0,
    add: (...args) => args.reduce<number>((sum, value) => sum + whole(value), 0),
    add1: (value) => whole(value) + 1,
    sub: (a, b) => whole(a) - whole(b),
    mul: (...args) => args.reduce<number>((product, value) => product * whole(value), 1),
    div: (a, b) => Math.trunc(whole(a) / divisor(b)),
    mod: (a, b) => whole(a) % divisor(b),
    max: (...args) => Math.max(...args.map(whole)),
    min: (...args) => Math.min(...args.map(whole)),
    until: (to) => range(0, whole(to), whole(to) < 0 ? -1 : 1),
    untilStep: (from, to, step) => range(whole(from), whole(to), whole(step)),
  };
}

const MAX_RANGE = 10_000;

function collections(): Functions {
  const fields = (map: unknown) => (isFields(map) ? map : {});
  return {
    list: (...args) => args,
    first: (list) => elements(list)[0],
    last: (list) => elements(list).at(-1),
    append: (list, value) => [...elements(list), value],
    has: (value, list) => elements(list).includes(value),
    dict: (...pairs) => Object.fromEntries(Array.from({ length: pairs.length / 2 }, (_, i) => [String(pairs[2 * i]), pairs[2 * i + 1]])),
    get: (map, key) => (Object.hasOwn(fields(map), String(key)) ? fields(map)[String(key)] : ''),
    hasKey: (map, key) => Object.hasOwn(fields(map), String(key)),
    keys: (map) => Object.keys(fields(map)).sort(),
    values: (map) => Object.values(fields(map)),
    merge: (...maps) => Object.assign({}, ...maps.map(fields).reverse()) as unknown,
  };
}

const elements = (list: unknown): readonly unknown[] => (Array.isArray(list) ? list : []);
