import { type Element, grammar, type NoWay, TOKEN_ORDER } from './grammar.ts';
import type { Issue, Source } from './source.ts';
import type { LexicalError, Token, TokenType } from './tokens.ts';

export interface SyntaxErrors {
  readonly issues: Issue[];
  /** The tokens without those that were too much, and with those that were missing, when it takes no more to follow the grammar. */
  readonly repaired?: readonly Token[];
}

/** What is wrong with a text that does not follow the grammar, in the words of ANTLR and with all that it finds after it has recovered from the first error. */
export function syntaxErrors(source: Source, tokens: readonly Token[], lexical: readonly LexicalError[]): SyntaxErrors {
  const recognizer = new Recognizer(source, tokens, lexical);
  try {
    for (const { offset, text } of lexical) recognizer.report(offset, `token recognition error at: '${text}'`);
    recognizer.start();
  } catch (error) {
    if (!(error instanceof GivesUp)) throw error;
    if (error.message) recognizer.issues.push(source.issue(-1, error.message));
    return { issues: recognizer.issues };
  }
  return { issues: recognizer.issues, repaired: recognizer.repaired };
}

/** The rest is not looked at (parser/options.go of cel-go). */
class GivesUp extends Error {
  override readonly name = 'GivesUp';
}

/** The token cannot stand where it does; `from`: the first of those that were looked at before that was clear. */
class Unexpected extends Error {
  override readonly name = 'Unexpected';
  readonly offending: Token;
  readonly from: Token | undefined;

  constructor(offending: Token, from?: Token) {
    super();
    this.offending = offending;
    this.from = from;
  }
}

const MAX_ERRORS = 100;
const MAX_ATTEMPTS = 30;
const MAX_SKIPPED = 256;
const MAX_DEPTH = 250;

/** Stands in a set of tokens for the end of a rule, where what may follow depends on where the rule was called. */
const END = 'end of rule';

/** A place in a rule: before an element, or at the end of a loop's body, or (undefined) at the end of the rule. */
interface Place {
  readonly element: Element;
  readonly next: Place | undefined;
  /** Of what is inside an element, the first place of each branch. */
  readonly inner: readonly (Place | undefined)[];
  /** Where a loop is decided again. */
  readonly back: boolean;
  /** What can be the next token here. */
  first?: ReadonlySet<TokenType>;
}

/** By the names of rules. */
const starts = new Map<string, Place>();

function startOf(rule: string): Place {
  let start = starts.get(rule);
  if (!start) {
    start = placed(grammar[rule]!, undefined)!;
    starts.set(rule, start);
  }
  return start;
}

function placed(elements: readonly Element[], end: Place | undefined): Place | undefined {
  return elements.reduceRight<Place | undefined>((next, element) => placeOf(element, next), end);
}

function placeOf(element: Element, next: Place | undefined): Place {
  const place = { element, next, back: false, inner: [] as (Place | undefined)[] };
  if (element.kind === 'optional') place.inner.push(placed(element.inner, next));
  if (element.kind === 'choice') place.inner.push(...element.branches.map((branch) => placed(branch, next)));
  if (element.kind === 'loop') {
    const back = { element, next, back: true, inner: place.inner };
    place.inner.push(placed(element.inner, back));
  }
  return place;
}

function firstOf(place: Place | undefined): ReadonlySet<TokenType> {
  if (!place) return AT_END;
  place.first ??= computeFirst(place);
  return place.first;
}

const AT_END: ReadonlySet<TokenType> = new Set([END]);

function computeFirst(place: Place): ReadonlySet<TokenType> {
  const { element, next, inner } = place;
  switch (element.kind) {
    case 'token':
      return new Set(element.types);
    case 'rule':
      return through(firstOf(startOf(element.name)), next);
    case 'optional':
      return new Set([...firstOf(inner[0]), ...firstOf(next)]);
    case 'choice':
      return new Set(inner.flatMap((branch) => [...firstOf(branch)]));
    case 'loop':
      return new Set([...firstOf(inner[0]), ...(element.atLeastOne && !place.back ? [] : firstOf(next))]);
  }
}

/** With what follows in place of the end. */
function through(set: ReadonlySet<TokenType>, next: Place | undefined): ReadonlySet<TokenType> {
  if (!set.has(END)) return set;
  return new Set([...[...set].filter((type) => type !== END), ...firstOf(next)]);
}

/** A call of a rule. */
interface Call {
  readonly rule: string;
  /** Of its first token. */
  readonly offset: number;
  readonly precedence: number;
  readonly caller: Call | undefined;
  /** Where it goes on in the caller. */
  readonly follow: Place | undefined;
}

/** Follows the grammar as ANTLR's parsers do, and recovers from errors as they do (DefaultErrorStrategy of the ANTLR 4 runtime). */
class Recognizer {
  readonly issues: Issue[] = [];
  /** Undefined once a rule was left half way. */
  repaired: Token[] | undefined = [];
  readonly #source: Source;
  readonly #tokens: readonly Token[];
  readonly #lexical: readonly LexicalError[];
  readonly #depths = new Map<string, number>();
  #at = 0;
  #place: Place | undefined;
  #call: Call | undefined;
  /** Since the last error no token was as expected: nothing more is told. */
  #recovering = false;
  #attempts = 0;
  #lastError = -1;
  #lastPlaces = new Set<Place | undefined>();

  constructor(source: Source, tokens: readonly Token[], lexical: readonly LexicalError[]) {
    this.#source = source;
    this.#tokens = tokens;
    this.#lexical = lexical;
  }

  start(): void {
    this.#rule('start', 0, undefined);
  }

  report(offset: number, message: string): void {
    if (this.issues.length === MAX_ERRORS) {
      this.issues.push(this.#source.issue(offset, `Syntax error: More than ${MAX_ERRORS} syntax errors`));
      throw new GivesUp();
    }
    this.issues.push(this.#source.issue(offset, `Syntax error: ${message}`));
  }

  #rule(name: string, precedence: number, follow: Place | undefined): void {
    const depth = (this.#depths.get(name) ?? 0) + 1;
    if (depth > MAX_DEPTH) throw new GivesUp(`expression recursion limit exceeded: ${MAX_DEPTH}`);
    this.#depths.set(name, depth);
    const caller = this.#call;
    const { offset } = this.#token(0);
    this.#call = { rule: name, offset, precedence, caller, follow };
    try {
      this.#sequence(startOf(name), undefined);
    } catch (error) {
      if (!(error instanceof Unexpected)) throw error;
      this.repaired = undefined;
      this.#reportUnexpected(error);
      if (name === 'escapeIdent') this.issues.push(this.#source.issue(this.#fieldOffset(caller!, offset), 'unsupported ident kind'));
      this.#recover();
    }
    this.#call = caller;
    this.#depths.set(name, depth - 1);
  }

  /** Where cel-go says that a field has no name: of a message, where its fields begin. */
  #fieldOffset(caller: Call, offset: number): number {
    return caller.rule === 'optField' ? caller.caller!.offset : offset;
  }

  /** The elements from a place on, up to another one. */
  #sequence(from: Place | undefined, end: Place | undefined): void {
    for (let place = from; place && place !== end; place = place.next) {
      // The end of a loop's body: the loop itself decides how it goes on.
      if (place.back) return;
      this.#element(place);
    }
  }

  #element(place: Place): void {
    this.#place = place;
    const { element, next, inner } = place;
    switch (element.kind) {
      case 'token':
        this.#match(element.types);
        return;
      case 'rule':
        this.#rule(element.name, element.precedence, next);
        return;
      case 'optional':
        this.#sync(place);
        if (firstOf(inner[0]).has(this.#ahead(0))) this.#sequence(inner[0], next);
        return;
      case 'choice':
        this.#sync(place);
        this.#sequence(inner[this.#decided(element.choose((offset) => this.#ahead(offset)))], next);
        return;
      case 'loop':
        this.#loop(place, element);
    }
  }

  #loop(place: Place, { goesOn, atLeastOne }: Element & { kind: 'loop' }): void {
    const [body] = place.inner;
    const back = { ...place, back: true, first: undefined };
    const again = () => this.#decided(goesOn((offset) => this.#ahead(offset), this.#call!.precedence));
    this.#sync(place);
    for (let goOn = atLeastOne || again(); goOn; goOn = again()) {
      this.#sequence(body, place.next);
      this.#place = back;
      this.#sync(back);
    }
  }

  #decided<T>(decision: T | NoWay): T {
    if (typeof decision !== 'object' || decision === null) return decision as T;
    const { at } = decision as NoWay;
    throw new Unexpected(this.#token(at), this.#token(0));
  }

  #match(types: readonly TokenType[]): void {
    if (types.includes(this.#ahead(0))) this.#consume();
    else this.#recoverInline(types[0]!);
  }

  /** Without the token that is too much, or with the one that is missing, it may go on. */
  #recoverInline(missing: TokenType): void {
    this.#countAttempt();
    if (this.#deleteToken()) {
      this.#consume();
      return;
    }
    if (!this.#followers(this.#place!.next).has(this.#ahead(0))) throw new Unexpected(this.#token(0));
    this.#tell(`missing ${this.#expected()} at ${quoted(this.#token(0).text)}`);
    this.repaired?.push({ type: missing, text: `<missing ${displayed(missing)}>`, offset: this.#token(0).offset });
  }

  #deleteToken(): boolean {
    if (!this.#expectedTypes().has(this.#ahead(1))) return false;
    this.#tellExtraneous();
    this.#at++;
    this.#endRecovery();
    return true;
  }

  /** Before a decision: what no branch begins with is dropped, or refused. */
  #sync(place: Place): void {
    if (this.#recovering) return;
    const possible = firstOf(place);
    if (possible.has(END) || possible.has(this.#ahead(0))) return;
    if (!place.back) {
      if (this.#deleteToken()) return;
      throw new Unexpected(this.#token(0));
    }
    this.#tellExtraneous();
    this.#skipTo(new Set([...this.#expectedTypes(), ...this.#recoverySet()]), Number.POSITIVE_INFINITY);
  }

  #recover(): void {
    this.#countAttempt();
    // The same error at the same token: going on would find it for ever.
    let skipped = 0;
    if (this.#lastError === this.#at && this.#lastPlaces.has(this.#place)) {
      this.#skip();
      skipped++;
    }
    this.#lastError = this.#at;
    this.#lastPlaces.add(this.#place);
    this.#skipTo(this.#recoverySet(), MAX_SKIPPED - skipped);
  }

  #skipTo(types: ReadonlySet<TokenType>, most: number): void {
    for (let skipped = 0; this.#ahead(0) !== 'EOF' && !types.has(this.#ahead(0)); skipped++) {
      if (skipped >= most) throw new GivesUp(`error recovery token lookahead limit exceeded: ${MAX_SKIPPED}`);
      this.#skip();
    }
  }

  #countAttempt(): void {
    if (this.#attempts === MAX_ATTEMPTS) {
      this.report(this.#token(0).offset, `error recovery attempt limit exceeded: ${MAX_ATTEMPTS}`);
      throw new GivesUp();
    }
    this.#attempts++;
  }

  #reportUnexpected({ offending, from }: Unexpected): void {
    if (!from) this.#tell(`mismatched input ${quoted(offending.text)} expecting ${this.#expected()}`, offending);
    else this.#tell(this.#noViableAlternative(from, offending), offending);
  }

  #noViableAlternative(from: Token, to: Token): string {
    if (from.type === 'EOF') return `no viable alternative at input ${quoted('<EOF>')}`;
    const text = this.#textBetween(from.offset, to.type === 'EOF' ? to.offset : to.offset + to.text.length);
    const message = `no viable alternative at input ${quoted(text)}`;
    return message.replace(/no viable alternative at input '.(true|false|null)'/, "mismatched input '$1' expecting IDENTIFIER");
  }

  /** What belongs to no token is left out. */
  #textBetween(start: number, end: number): string {
    let text = '';
    let at = start;
    for (const { offset, text: dropped } of this.#lexical) {
      if (offset < start || offset >= end) continue;
      text += this.#source.text.slice(at, offset);
      at = offset + dropped.length;
    }
    return text + this.#source.text.slice(at, end);
  }

  #tellExtraneous(): void {
    this.#tell(`extraneous input ${quoted(this.#token(0).text)} expecting ${this.#expected()}`);
  }

  #tell(message: string, { offset } = this.#token(0)): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.report(offset, message);
  }

  #expected(): string {
    const types = this.#expectedTypes();
    const names = TOKEN_ORDER.filter((type) => types.has(type)).map(displayed);
    return names.length === 1 ? names[0]! : `{${names.join(', ')}}`;
  }

  #expectedTypes(): ReadonlySet<TokenType> {
    return this.#followers(this.#place);
  }

  /** What can be the next token at a place, whatever rules end before it. */
  #followers(place: Place | undefined): ReadonlySet<TokenType> {
    let set = firstOf(place);
    for (let call = this.#call; set.has(END) && call; call = call.caller) set = call.caller ? through(set, call.follow) : set;
    return set.has(END) ? new Set([...set, 'EOF']) : set;
  }

  /** What any of the rules that were called can go on with. */
  #recoverySet(): ReadonlySet<TokenType> {
    const set = new Set<TokenType>();
    for (let call = this.#call; call?.caller; call = call.caller) for (const type of firstOf(call.follow)) if (type !== END) set.add(type);
    return set;
  }

  #token(offset: number): Token {
    return this.#tokens[Math.min(this.#at + offset, this.#tokens.length - 1)]!;
  }

  #ahead(offset: number): TokenType {
    return this.#token(offset).type;
  }

  #consume(): void {
    this.repaired?.push(this.#token(0));
    this.#endRecovery();
    this.#skip();
  }

  #skip(): void {
    if (this.#ahead(0) !== 'EOF') this.#at++;
  }

  #endRecovery(): void {
    this.#recovering = false;
    this.#lastError = -1;
    this.#lastPlaces = new Set();
  }
}

const displayed = (type: TokenType): string => (type === 'EOF' ? '<EOF>' : /^[A-Z_]+$/.test(type) ? type : `'${type}'`);

const quoted = (text: string): string => `'${text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}'`;
