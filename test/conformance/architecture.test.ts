import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** ARCHITECTURE.md, "Layers" and "Invariants", held to by the code. */

const root = path.resolve(import.meta.dirname, '../..');

interface Source {
  readonly file: string;
  readonly text: string;
}

const sources: Source[] = ['core', 'functions', 'local']
  .flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)))
  .filter((file) => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file) && !file.startsWith('core/testing/') && !file.includes('/generated/'))
  .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));

/** From the bottom; what is not named in its layer stands with the folder it is in. */
const layers: readonly (readonly string[])[] = [
  ['core/instant.ts', 'core/env.ts', 'core/kube/', 'core/x509/'],
  ['core/schema/', 'core/cel/'],
  ['core/managed-fields/'],
  ['core/log/'],
  ['core/state/'],
  ['core/replica/', 'core/stages/'],
  ['core/apis/'],
  ['core/auth/', 'core/admission/'],
  ['core/decide/'],
  ['core/usage/', 'core/undo/'],
  [
    'core/api/',
    'core/reconcile/',
    'core/webhooks/',
    'core/scheduler/',
    'core/controllers/',
    'core/nodes/',
    'core/bootstrap/',
    'core/clusters/',
    'core/subscriptions/',
    'core/plan/',
  ],
  ['functions/', 'local/'],
];

const layerOf = (file: string) => layers.findIndex((prefixes) => prefixes.some((prefix) => file.startsWith(prefix)));

const importsOf = ({ file, text }: Source): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?'(\.[^']+\.ts)'/g)].map(([, target]) => path.join(path.dirname(file), target!));

describe('the code', () => {
  it('has a layer for every file, and imports point down', () => {
    expect(sources.length).toBeGreaterThan(200);
    expect(sources.filter(({ file }) => layerOf(file) === -1).map(({ file }) => file)).toEqual([]);
    const upward = sources.flatMap((source) =>
      importsOf(source)
        .filter((target) => layerOf(target) > layerOf(source.file))
        .map((target) => `${source.file} imports ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it('has no circles of imports', () => {
    expect(circlesOf(new Map(sources.map((source) => [source.file, importsOf(source)])))).toEqual([]);
  });

  it('keeps its hosts apart', () => {
    const crossing = sources.flatMap((source) =>
      importsOf(source).filter((target) => /^(functions|local)\//.test(target) && target.split('/')[0] !== source.file.split('/')[0]),
    );
    expect(crossing).toEqual([]);
  });

  const confined: { name: string; pattern: RegExp; in: RegExp; to: RegExp }[] = [
    { name: 'the AWS SDK', pattern: /from '@aws-sdk\//, in: /^core\//, to: /^core\/(log\/dynamodb|reconcile\/sqs-|subscriptions\/targets\/aws)/ },
    { name: 'SQLite', pattern: /from 'node:sqlite'/, in: /./, to: /^(core\/log\/sqlite\/|local\/older-node\/sqlite\.ts$)/ },
    {
      name: 'the real clock and real chance',
      pattern: /\bDate\.now\(|\bMath\.random\(|randomUUID\(|\bset(Timeout|Interval|Immediate)\(/,
      in: /^core\//,
      to: /^core\/env\.ts$/,
    },
    { name: 'the list of built-in resources', pattern: /from '\.[^']*\/built-in\.ts'/, in: /./, to: /^core\/apis\// },
    { name: 'the environment', pattern: /process\.env/, in: /^(core|functions)\//, to: /^functions\/wiring\.ts$/ },
    { name: "SST's links", pattern: /from 'sst'/, in: /./, to: /^functions\/wiring\.ts$/ },
  ];
  for (const rule of confined) {
    it(`keeps ${rule.name} in its place`, () => {
      const uses = sources.filter(({ file, text }) => rule.in.test(file) && rule.pattern.test(withoutComments(text))).map(({ file }) => file);
      expect(uses.filter((file) => !rule.to.test(file))).toEqual([]);
      expect(uses, 'the rule looks for something that is there').not.toEqual([]);
    });
  }

  it('has no drawers', () => {
    expect(sources.filter(({ file }) => /\/(index|utils?|helpers?|common|misc|types)\.ts$/.test(file)).map(({ file }) => file)).toEqual([]);
  });
});

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

/** The groups of files that import each other, directly or through others (Tarjan's strongly connected components). */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, { index: number; low: number; open: boolean }>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string) => {
    const mark = { index: order.size, low: order.size, open: true };
    order.set(file, mark);
    stack.push(file);
    for (const target of imports.get(file) ?? []) {
      const seen = order.get(target) ?? visit(target);
      if (seen.open) mark.low = Math.min(mark.low, seen.low);
    }
    if (mark.low === mark.index) {
      const circle = stack.splice(stack.indexOf(file));
      for (const member of circle) order.get(member)!.open = false;
      if (circle.length > 1) circles.push(circle.sort());
    }
    return mark;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return circles;
}
