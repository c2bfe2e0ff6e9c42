import { documentsOf } from '../../api/manifest-text.ts';

interface Applied {
  /** YAML of objects. */
  readonly manifests: string;
  /** Steps besides, as JSON: YAML, too. */
  readonly steps: readonly object[];
  readonly force: boolean;
}

/**
 * A Transaction that applies manifests and does other steps, all of it or nothing, as YAML (docs/undo.md). Namespaces and definitions come first. The documents stand in it as they were written,
 * further in: so that their comments, numbers and long texts are read by the server alone.
 */
export function transactionOf({ manifests, steps, force }: Applied): string {
  const documents = documentsOf(manifests).map(({ text }) => text);
  const ordered = documents.toSorted((a, b) => rank(a) - rank(b));
  const applied = ordered.map((text) => `  - apply:\n      force: ${force}\n      fieldManager: logplane-page\n      object:\n${indented(text)}`);
  const others = steps.map((step) => `  - ${JSON.stringify(step)}`);
  return ['apiVersion: logplane.dev/v1', 'kind: Transaction', 'metadata: {generateName: page-}', 'spec:', '  steps:', ...applied, ...others, ''].join('\n');
}

const rank = (text: string): number => (/^["']?kind["']?:\s*["']?(?:Namespace|CustomResourceDefinition)["']?\s*$/m.test(text) ? 0 : 1);

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => (line.trim() === '' ? '' : `        ${line}`))
    .join('\n');
