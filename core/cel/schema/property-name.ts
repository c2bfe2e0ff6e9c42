/** Names that the language keeps for itself. Fields may be called so all the same. */
const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

/** How an expression writes the name of a property (k8s.io/apiserver/pkg/cel/escaping.go): `x-y` is `x__dash__y`. undefined: it cannot. */
export function propertyName(name: string): string | undefined {
  if (!/^[a-zA-Z_./-][a-zA-Z0-9_./-]*$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replace(/__|[-./]/g, (part) => escapes[part]!);
}

const escapes: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' };

/** What an expression's name stands for; undefined: for none. A reserved word stands for itself too. */
export function propertyOf(name: string): string | undefined {
  let known = true;
  const property = name.replace(/__([^_]+)__/g, (whole, word: string) => {
    const part = Object.keys(escapes).find((each) => escapes[each] === whole);
    if (part !== undefined) return part;
    if (!RESERVED.has(word) || whole.length !== name.length) known = false;
    return word;
  });
  return known ? property : undefined;
}

export const isReserved = (name: string): boolean => RESERVED.has(name);
