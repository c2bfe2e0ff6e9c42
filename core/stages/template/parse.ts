import type { Block, Branch, Operand, Piece, Pipeline, Template } from './syntax.ts';

/** Reads a template. Throws a SyntaxError for what is none, or is none of what is understood here. */
export function parseTemplate(source: string): Template {
  const parser = new Parser(actionsOf(source));
  const { block, end } = parser.block();
  if (end !== undefined) throw new SyntaxError(`unexpected {{${end}}}`);
  return { main: block, defined: parser.defined };
}

type Part = { readonly text: string } | { readonly action: string };

/** Text and actions, in turn: a `-` beside a brace takes the white space of the text there away. */
function actionsOf(source: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  let trims = false;
  const text = (until: number, trimsEnd: boolean) => {
    let piece = source.slice(at, until);
    if (trims) piece = piece.trimStart();
    if (trimsEnd) piece = piece.trimEnd();
    if (piece !== '') parts.push({ text: piece });
  };
  for (;;) {
    const open = source.indexOf('{{', at);
    if (open < 0) break;
    const close = source.indexOf('}}', open);
    if (close < 0) throw new SyntaxError('unclosed action');
    let action = source.slice(open + 2, close);
    const trimsBefore = /^-\s/.test(action);
    const trimsAfter = /\s-$/.test(action);
    text(open, trimsBefore);
    if (trimsBefore) action = action.slice(1);
    if (trimsAfter) action = action.slice(0, -1);
    trims = trimsAfter;
    at = close + 2;
    action = action.trim();
    if (!action.startsWith('/*')) parts.push({ action });
  }
  text(source.length, false);
  return parts;
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(-?\d+(?:\.\d+)?)|(:=|[|()=,])|(\$?[A-Za-z_]\w*|\$)|((?:\.[A-Za-z_]\w*)+|\.)|(\S))/y;

class Parser {
  readonly defined = new Map<string, Block>();
  readonly #parts: readonly Part[];
  #at = 0;

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** Up to the action that ends it, `end` or `else …`; undefined at the end of all. */
  block(): { readonly block: Block; readonly end: string | undefined } {
    const block: Piece[] = [];
    while (this.#at < this.#parts.length) {
      const part = this.#parts[this.#at++]!;
      if ('text' in part) {
        block.push({ type: 'text', text: part.text });
        continue;
      }
      const [, word = '', rest = ''] = /^([a-z]+)\b\s*(.*)$/s.exec(part.action) ?? [];
      if (word === 'end' || word === 'else') return { block, end: part.action };
      const piece = this.#piece(word, rest, part.action);
      if (piece) block.push(piece);
    }
    return { block, end: undefined };
  }

  #piece(word: string, rest: string, action: string): Piece | undefined {
    switch (word) {
      case 'if':
        return this.#if(rest);
      case 'with': {
        const { body, otherwise } = this.#bodies();
        return { type: 'with', pipeline: pipelineOf(rest), body, otherwise };
      }
      case 'range': {
        const match = /^(\$\w+)(?:\s*,\s*(\$\w+))?\s*:=\s*(.*)$/s.exec(rest);
        const { body, otherwise } = this.#bodies();
        const names = match ? [match[1]!, ...(match[2] ? [match[2]] : [])] : [];
        return { type: 'range', pipeline: pipelineOf(match ? match[3]! : rest), names, body, otherwise };
      }
      case 'define': {
        this.defined.set(JSON.parse(rest) as string, this.#bodies().body);
        return undefined;
      }
      case 'template': {
        const [, name = '', argument = ''] = /^("(?:[^"\\]|\\.)*")\s*(.*)$/s.exec(rest) ?? [];
        return { type: 'template', name: JSON.parse(name) as string, pipeline: argument ? pipelineOf(argument) : undefined };
      }
      case 'break':
      case 'continue':
        return { type: word };
      default:
        return { type: 'print', pipeline: pipelineOf(action) };
    }
  }

  #if(condition: string): Piece {
    const branches: Branch[] = [];
    let pipeline = pipelineOf(condition);
    for (;;) {
      const { block: body, end } = this.block();
      branches.push({ pipeline, body });
      const next = /^else\s+if\s+(.*)$/s.exec(end ?? '');
      if (next) pipeline = pipelineOf(next[1]!);
      else if (end === 'else') return { type: 'if', branches, otherwise: this.#ended() };
      else if (end === 'end') return { type: 'if', branches, otherwise: [] };
      else throw new SyntaxError(`unexpected ${end === undefined ? 'end of the template' : `{{${end}}}`}`);
    }
  }

  #bodies(): { readonly body: Block; readonly otherwise: Block } {
    const { block: body, end } = this.block();
    if (end === 'else') return { body, otherwise: this.#ended() };
    if (end !== 'end') throw new SyntaxError(`unexpected ${end === undefined ? 'end of the template' : `{{${end}}}`}`);
    return { body, otherwise: [] };
  }

  #ended(): Block {
    const { block, end } = this.block();
    if (end !== 'end') throw new SyntaxError('unexpected end of the template');
    return block;
  }
}

function pipelineOf(source: string): Pipeline {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(source); match; match = TOKEN.exec(source)) {
    if (match[6]) throw new SyntaxError(`unexpected ${JSON.stringify(match[6])}`);
    tokens.push(match[0].trim());
    // A field stands directly behind what it is of: otherwise it is one of the dot.
    if (/\s/.test(source[TOKEN.lastIndex] ?? ' ')) tokens.push(' ');
  }
  const reader = { tokens, at: 0 };
  const pipeline = readPipeline(reader);
  if (reader.at < tokens.length) throw new SyntaxError(`unexpected ${JSON.stringify(tokens[reader.at])}`);
  return pipeline;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

function readPipeline(reader: Reader): Pipeline {
  const { tokens } = reader;
  const skip = () => {
    while (tokens[reader.at] === ' ') reader.at++;
  };
  skip();
  let assigns: Pipeline['assigns'];
  const after = tokens[reader.at + 1] === ' ' ? reader.at + 2 : reader.at + 1;
  if (tokens[reader.at]?.startsWith('$') && (tokens[after] === ':=' || tokens[after] === '=')) {
    assigns = { name: tokens[reader.at]!, declares: tokens[after] === ':=' };
    reader.at = after + 1;
  }
  const commands: Operand[][] = [[]];
  for (;;) {
    skip();
    const token = tokens[reader.at];
    if (token === undefined || token === ')') break;
    if (token === '|') {
      reader.at++;
      commands.push([]);
    } else commands.at(-1)!.push(readOperand(reader));
  }
  if (commands.some((command) => command.length === 0)) throw new SyntaxError('missing value for command');
  return { commands, ...(assigns && { assigns }) };
}

function readOperand(reader: Reader): Operand {
  const token = reader.tokens[reader.at++]!;
  let operand: Operand;
  if (token === '(') {
    operand = { type: 'pipeline', pipeline: readPipeline(reader) };
    if (reader.tokens[reader.at++] !== ')') throw new SyntaxError('unclosed left paren');
  } else if (token === '.') operand = { type: 'dot' };
  else if (token.startsWith('.')) operand = { type: 'fields', of: { type: 'dot' }, names: token.slice(1).split('.') };
  else if (token.startsWith('$')) operand = { type: 'variable', name: token };
  else if (token.startsWith('"')) operand = { type: 'literal', value: JSON.parse(token) as string };
  else if (token.startsWith('`')) operand = { type: 'literal', value: token.slice(1, -1) };
  else if (/^-?\d/.test(token)) operand = { type: 'literal', value: Number(token) };
  else if (token === 'true' || token === 'false') operand = { type: 'literal', value: token === 'true' };
  else if (token === 'nil') operand = { type: 'literal', value: null };
  else if (/^[A-Za-z_]/.test(token)) operand = { type: 'function', name: token };
  else throw new SyntaxError(`unexpected ${JSON.stringify(token)}`);
  const next = reader.tokens[reader.at];
  if (next !== undefined && next.length > 1 && next.startsWith('.')) {
    reader.at++;
    return { type: 'fields', of: operand, names: next.slice(1).split('.') };
  }
  return operand;
}
