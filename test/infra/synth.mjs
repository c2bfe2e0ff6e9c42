// Evaluates sst.config.ts for real, with SST's components and the AWS provider's classes, under Pulumi's mocks: no engine, no AWS. Writes every resource
// that would be registered, and what is in the packages of the functions. usage: node test/infra/synth.mjs STAGE OUT.json
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { calls, outputs } from './aws-answers.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const platform = path.join(root, '.sst/platform');
const [stage = 'test', out = '/dev/stdout'] = process.argv.slice(2);
const work = mkdtempSync(path.join(tmpdir(), 'logplane-synth-'));
const fromPlatform = createRequire(path.join(platform, 'package.json'));
const pulumi = fromPlatform('@pulumi/pulumi');

// How Pulumi marks what it wraps, and what bundled CommonJS expects to be there.
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const COMMONJS = `import { createRequire as __cr } from "module"; const require = __cr(import.meta.url);
import { fileURLToPath as __f } from "url"; const __filename = __f(import.meta.url); const __dirname = __f(new URL(".", import.meta.url));`;

process.env.SST_SECRET_LogplaneToken ??= 'a-token-for-the-synthesis-of-tests';
process.env.SST_SECRET_LogplaneSigningKey ??= 'a-key-for-the-synthesis-of-tests-of-43-characters';
process.env.AWS_REGION ??= 'eu-west-1';

const app = await appOf(stage);
const functions = answerSst();
const resources = await recordResources();
const result = await run();
// Components wait for one another's outputs; all have registered when nothing is left to wait for.
process.on('beforeExit', finish);
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

/** The app as the SST CLI makes it from `app()`. */
async function appOf(stage) {
  const { default: config } = await bundle('app', {
    contents: `export { default } from "${root}/sst.config.ts"`,
    banner: '\nfunction $config(input) { return input }',
  });
  const app = { removal: 'retain', protect: false, ...(await config.app({ stage })), stage };
  return { ...app, providers: { [app.home]: {}, ...app.providers } };
}

/** Runs `run()` of the configuration as a Pulumi program. Returns the outputs of the stack. */
async function run() {
  const cli = { command: 'deploy', rpc: '', paths: { home: work, root, work, platform }, state: { version: {} } };
  const program = await bundle('run', {
    contents: `import { run } from "${platform}/src/auto/run.ts"; import config from "${root}/sst.config.ts"; export default () => run(config.run);`,
    define: { $app: JSON.stringify(app), $cli: JSON.stringify(cli), $dev: 'false' },
    inject: [path.join(platform, 'src/shim/run.js')],
  });
  return await pulumi.runtime.runInPulumiStack(program.default);
}

/** Bundles as the SST CLI does (pkg/js and pkg/project of sst), with its globals, and loads the result from where the platform's packages are found. */
async function bundle(name, { contents, define = {}, inject, banner = '' }) {
  const outfile = path.join(platform, `synth.${name}.${process.pid}.mjs`);
  await build({
    stdin: { contents, resolveDir: root, sourcefile: 'eval.ts', loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    sourcemap: 'inline',
    logLevel: 'error',
    mainFields: ['module', 'main'],
    nodePaths: [path.join(platform, 'node_modules')],
    external: ['@pulumi/*', 'undici', '@pulumiverse/*', '@sst-provider/*', '@aws-sdk/*', 'esbuild', 'archiver', 'glob', 'vite', 'typescript'],
    banner: { js: COMMONJS + banner },
    define,
    inject,
    plugins: [{ name: 'sst', setup: (build) => build.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, (args) => sourceOf(args.path, inject !== undefined)) }],
  });
  try {
    return await import(pathToFileURL(outfile));
  } finally {
    rmSync(outfile);
  }
}

/** A source file, with what the CLI does to it, and with this process in the CLI's place where the platform asks that. */
function sourceOf(file, withGlobals) {
  let contents = readFileSync(file, 'utf8');
  if (withGlobals && !file.includes('/.sst/')) contents = `${globals()}\n${contents}`;
  if (file.endsWith('/components/rpc/rpc.ts')) {
    contents = contents.replace(
      /(export async function call<T = any>\(method: string, args: any\) \{)/,
      '$1 return (globalThis as any).__sst(method, args) as Promise<T>;',
    );
  }
  // Names end in something random: here in something that is the same each time.
  if (file.endsWith('/components/naming.ts')) contents = contents.replace('crypto.randomBytes(8).toString("hex")', 'name');
  return { contents, loader: path.extname(file).slice(1) };
}

function globals() {
  const providers = JSON.parse(readFileSync(path.join(root, '.sst/provider-lock.json'), 'utf8'));
  return [
    ...providers.map((provider) => `import * as ${provider.alias} from "${provider.package}";`),
    `import * as sst from "${platform}/src/components";`,
  ].join('\n');
}

/** Answers what components ask of the CLI. Returns the functions that it was to build; each is bundled, so that one without its handler is an error. */
function answerSst() {
  const functions = [];
  const methods = {
    'Provider.Aws.Bootstrap': async () => ({
      asset: 'sst-asset-test',
      state: 'sst-state-test',
      assetEcrRegistryId: '123456789012',
      assetEcrUrl: 'ecr.test',
    }),
    'Runtime.Build': async ({ functionID, handler, runtime, links }) => {
      const dot = handler.lastIndexOf('.');
      const file = path.join(root, `${handler.slice(0, dot)}.ts`);
      if (!existsSync(file)) return { errors: [`${handler}: no such file`] };
      const { metafile } = await build({
        entryPoints: [file],
        bundle: true,
        write: false,
        metafile: true,
        platform: 'node',
        format: 'esm',
        outdir: work,
        logLevel: 'silent',
      });
      if (!Object.values(metafile.outputs)[0].exports.includes(handler.slice(dot + 1))) return { errors: [`${handler}: no such export`] };
      functions.push({ name: functionID, handler, runtime, links });
      const artifact = path.join(work, 'artifacts', `${functionID}-src`);
      mkdirSync(artifact, { recursive: true });
      return { handler, out: artifact, errors: [], sourcemaps: [] };
    },
  };
  globalThis.__sst = (method, args) => {
    if (!methods[method]) throw new Error(`SST asks its CLI for ${method}, which has no answer here`);
    return methods[method](args);
  };
  return functions;
}

/** Puts Pulumi's mocks in place of its engine. Returns the list to which every registered resource is added. */
async function recordResources() {
  const mocks = {
    newResource({ type, name, inputs, id }) {
      const physical = plain(inputs.name ?? inputs.bucket ?? name);
      return { id: id || `${name}-id`, state: { name: physical, ...inputs, ...outputs[type]?.(physical, plain(inputs)) } };
    },
    call({ token, inputs }) {
      if (!calls[token]) throw new Error(`the provider is asked for ${token}, which has no answer here`);
      return calls[token](inputs);
    },
  };
  await pulumi.runtime.setMocks(mocks, app.name, stage, false);
  const monitor = pulumi.runtime.getMonitor();
  // As the engine makes them: the whole chain of parents, without the stack.
  monitor.newUrn = (parent, type, name) => {
    const parentType = parent?.split('::')[2];
    const prefix = parentType && parentType !== 'pulumi:pulumi:Stack' ? `${parentType}$` : '';
    return `urn:pulumi:${stage}::${app.name}::${prefix}${type}::${name}`;
  };
  const { deserializeProperties } = fromPlatform('@pulumi/pulumi/runtime/rpc');
  const resources = [];
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) =>
    register(request, (error, response) => {
      if (error) return done(error, response);
      const urn = response.getUrn();
      if (resources.some((resource) => resource.urn === urn)) return done(new Error(`${urn} is registered twice`));
      resources.push({
        urn,
        type: request.getType(),
        name: request.getName(),
        inputs: plain(deserializeProperties(request.getObject())),
        retainOnDelete: request.getRetainondelete(),
        protect: request.getProtect(),
      });
      done(error, response);
    });
  return resources;
}

function finish() {
  if (resources.length === 0 || !result) throw new Error('the synthesis came to nothing');
  resources.sort((a, b) => (a.urn < b.urn ? -1 : 1));
  writeFileSync(out, JSON.stringify({ app, outputs: plain(result), functions, packages: packages(), resources }, null, 1));
  process.exit(0);
}

/** The names of the files in the package of each function, by the name of its component, as SST has zipped them; without what its CLI would have built. */
function packages() {
  const artifacts = path.join(work, 'artifacts');
  const zips = readdirSync(artifacts).filter((name) => existsSync(path.join(artifacts, name, 'code.zip')));
  return Object.fromEntries(zips.map((name) => [name, namesIn(readFileSync(path.join(artifacts, name, 'code.zip')))]));
}

/** The names in a zip file (APPNOTE.TXT, 4.3.12 and 4.3.16). */
function namesIn(zip) {
  const end = zip.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const names = [];
  let at = zip.readUInt32LE(end + 16);
  for (let i = zip.readUInt16LE(end + 10); i > 0; i--) {
    const length = zip.readUInt16LE(at + 28);
    names.push(zip.toString('utf8', at + 46, at + 46 + length));
    at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names;
}

/** Pulumi wraps secret values: for reading, they are what they wrap. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (!value || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  if (SIGNATURE in value && 'value' in value) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
