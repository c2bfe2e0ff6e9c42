import { aggregate, badRequest } from './status.ts';
import { invalidValues } from './validation/field.ts';
import { labelValue, qualifiedName } from './validation/names.ts';

/** A label selector, every requirement of which must hold. An empty one selects everything. */
export type LabelRequirements = readonly LabelRequirement[];

interface LabelRequirement {
  readonly key: string;
  readonly operator: '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';
  readonly values: readonly string[];
}

type Labels = Readonly<Record<string, string>> | undefined;

/** Whether an object with these labels is selected (labels.Selector.Matches). */
export const matchesLabels = (requirements: LabelRequirements, labels: Labels): boolean => requirements.every((requirement) => holds(requirement, labels));

function holds({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '>':
    case '<': {
      if (value === undefined || !INTEGER.test(value)) return false;
      return operator === '>' ? BigInt(value) > BigInt(values[0]!) : BigInt(value) < BigInt(values[0]!);
    }
  }
}

const INTEGER = /^-?\d+$/;

/**
 * A `labelSelector` query parameter: `app=web,tier in (a,b),!canary` (API concepts, "Labels and Selectors").
 * Throws 400 BadRequest in the words of apimachinery's labels.Parse.
 */
export function parseLabelSelector(text: string): LabelRequirements {
  const tokens = new Tokens(text);
  const requirements: LabelRequirement[] = [];
  while (tokens.peek().type !== 'end') {
    if (!startsRequirement(tokens.peek())) throw badRequest(`found '${tokens.peek().text}', expected: !, identifier, or 'end of string'`);
    requirements.push(parseRequirement(tokens));
    const after = tokens.next();
    if (after.type === 'end') break;
    if (after.text !== ',') throw badRequest(`found '${after.text}', expected: ',' or 'end of string'`);
    if (!startsRequirement(tokens.peek())) throw badRequest(`found '${tokens.peek().text}', expected: identifier after ','`);
  }
  return requirements.sort((a, b) => compare(a.key, b.key));
}

const startsRequirement = (token: Token) => token.type === 'word' || token.text === '!';

const unparsable = (why: string) => badRequest(`unable to parse requirement: ${why}`);

function parseRequirement(tokens: Tokens): LabelRequirement {
  let first = tokens.next();
  const negated = first.text === '!' && first.type === 'symbol';
  if (negated) first = tokens.next();
  if (first.type !== 'word') throw unparsable(`found '${first.text}', expected: identifier`);
  const key = first.text;
  // The key has no path of its own, which Go prints as <nil>.
  const keyProblems = qualifiedName(key);
  if (keyProblems.length > 0) throw unparsable(aggregate(invalidValues('<nil>', key, [keyProblems.join('; ')])));
  if (tokens.peek().type === 'end' || tokens.peek().text === ',') return { key, operator: negated ? '!' : 'exists', values: [] };
  // `!key` takes no operator: what follows is read as the operator of a requirement and refused by the caller.
  if (negated) return { key, operator: '!', values: [] };
  const operator = tokens.next().text;
  if (!isBinary(operator)) throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
  const values = operator === 'in' || operator === 'notin' ? parseValues(tokens) : [parseExactValue(tokens)];
  checkValues({ key, operator, values });
  return { key, operator, values };
}

const isBinary = (text: string): text is '=' | '==' | '!=' | 'in' | 'notin' | '>' | '<' => ['=', '==', '!=', 'in', 'notin', '>', '<'].includes(text);

function checkValues({ key, operator, values }: LabelRequirement): void {
  const ordered = operator === '>' || operator === '<';
  const errors = [
    ...values.flatMap((value, i) =>
      ordered && !INTEGER.test(value) ? invalidValues(`values[${i}]`, value, ["for 'Gt', 'Lt' operators, the value must be an integer"]) : [],
    ),
    ...values.flatMap((value, i) => {
      const problems = labelValue(value);
      return problems.length > 0 ? invalidValues(`values[${i}][${key}]`, value, [problems.join('; ')]) : [];
    }),
  ];
  if (errors.length > 0) throw unparsable(aggregate(errors));
}

/** A value that is left out is the empty one. */
function parseExactValue(tokens: Tokens): string {
  const token = tokens.peek();
  if (token.type === 'end' || token.text === ',') return '';
  tokens.next();
  if (token.type !== 'word') throw unparsable(`found '${token.text}', expected: identifier`);
  return token.text;
}

/** `(a, b,)`: a missing value between commas is the empty string. */
function parseValues(tokens: Tokens): string[] {
  const open = tokens.next();
  if (open.text !== '(') throw unparsable(`found '${open.text}' expected: '('`);
  const values = new Set<string>();
  let expectValue = true;
  for (;;) {
    const token = tokens.next();
    if (token.type === 'word' && expectValue) {
      values.add(token.text);
      expectValue = false;
    } else if (token.text === ',' && token.type === 'symbol') {
      if (expectValue) values.add('');
      expectValue = true;
    } else if (token.text === ')' && token.type === 'symbol') {
      if (expectValue) values.add('');
      return [...values].sort();
    } else {
      throw unparsable(`found '${token.text}', expected: ${expectValue ? "',', or identifier" : "',' or ')'"}`);
    }
  }
}

interface Token {
  type: 'word' | 'symbol' | 'end';
  text: string;
}

/** The tokens of a label selector: words, and symbols of which the longest that exists is taken (`==` before `=`). */
class Tokens {
  readonly #tokens: Token[] = [];
  #at = 0;
  constructor(text: string) {
    for (const [piece] of text.matchAll(/[ \t\r\n]+|==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+/g)) {
      if (piece.trim() === '') continue;
      this.#tokens.push({ type: /^[=!(),<>]/.test(piece) ? 'symbol' : 'word', text: piece });
    }
    this.#tokens.push({ type: 'end', text: '' });
  }
  peek(): Token {
    return this.#tokens[this.#at]!;
  }
  next(): Token {
    const token = this.peek();
    if (token.type !== 'end') this.#at++;
    return token;
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
