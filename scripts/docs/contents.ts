import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A part of the site, as its sidebar shows it. */
export interface Part {
  readonly title: string;
  readonly pages: readonly { readonly title: string /** Its address in the site. */; readonly page: string }[];
  readonly folded?: true;
}

const docs = path.resolve(import.meta.dirname, '../../docs');

const page = (title: string, page: string) => ({ title, page });

const decisions = readdirSync(path.join(docs, 'decisions'))
  .filter((file) => file.endsWith('.md'))
  .sort();

/** `# 8. What runs that is not ours` */
const titleOf = (file: string) => /^# (.+)$/m.exec(readFileSync(path.join(docs, file), 'utf8'))![1]!;

/** What the site has, in its order. A page that is in no part is none (test/documentation/site.test.ts). */
export const contents: readonly Part[] = [
  { title: 'Start here', pages: [page('The first five minutes', 'start'), page('Overview', 'overview'), page('The page', 'page')] },
  {
    title: 'How to',
    pages: [
      page('Labs and workshops', 'how-to/labs'),
      page('Continuous integration', 'ci'),
      page('Test an operator or a chart', 'how-to/operators'),
      page('Automation', 'automation'),
      page('Give it to an agent', 'how-to/agents'),
      page('Model Context Protocol', 'mcp'),
      page('Deploy it', 'deploy'),
    ],
  },
  {
    title: 'What it does',
    pages: [
      page('Many clusters', 'clusters'),
      page('The past', 'history'),
      page('Plans', 'plans'),
      page('Undo', 'undo'),
      page('Nodes', 'nodes'),
      page('Load', 'load'),
      page('k9s, Headlamp, Lens', 'clients'),
      page('Tests against a cluster', 'testing'),
    ],
  },
  {
    title: 'Reference',
    pages: [
      page('Command line', 'cli'),
      page('Kinds', 'reference/kinds'),
      page('Metrics', 'reference/metrics'),
      page('Limits', 'reference/limits'),
      page('Figures', 'figures'),
      page('What is checked', 'validation'),
      page('Security', 'security'),
    ],
  },
  {
    title: 'Kubernetes and others',
    pages: [
      page('What differs', 'differences'),
      page('What is refused, what is simulated', 'reference/refused'),
      page('Comparison', 'comparison'),
      page('A release of Kubernetes', 'kubernetes-release'),
    ],
  },
  { title: 'How it works', pages: [page('Architecture', 'architecture'), page('Performance', 'performance')] },
  {
    title: 'Decisions',
    folded: true,
    pages: [page('All', 'decisions/index'), ...decisions.map((file) => page(titleOf(`decisions/${file}`), `decisions/${file.slice(0, -3)}`))],
  },
  {
    title: 'Examples',
    folded: true,
    pages: [
      page('Manifests', 'examples/manifests'),
      page('An operator in TypeScript', 'examples/operator-typescript'),
      page('An operator in Go', 'examples/operator-go'),
      page('pytest', 'examples/pytest'),
      page('Chainsaw', 'examples/chainsaw'),
      page('kuttl', 'examples/kuttl'),
      page('An audit policy', 'examples/audit-policy'),
      page('Licence', 'license'),
    ],
  },
];
