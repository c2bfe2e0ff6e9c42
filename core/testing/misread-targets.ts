/**
 * Targets of DELETE requests that are taken for a collection or a namespace by what folds paths, decodes them twice, or leaves out parts of them or of queries; and the code
 * that each gets.
 */
export const misread: readonly { readonly target: string; readonly code: number }[] = [
  ...below('/api/v1/namespaces/default/configmaps/', {
    // Names that no object can have, and the slash behind which a name may have been left out.
    400: ['.', '%2e', '..', '%2e%2E', '.%2e', '%2e.', './', '../', '%2f', 'a%2F', '..%2fconfigmaps', '%252e', 'a%25', '', '?', '.?labelSelector=a'],
    // Names that may be: there is no such object.
    404: ['%00', '%20', '%0a', '%3F', '%3Fa', '#', '%23', ';', ';a=b', '\\', '%5c', '...', '.%20', '..;', '..%00', '/', 'a//', 'a/..', 'a/../', 'a/../..'],
  }),
  ...below('/api/v1/namespaces/default/configmaps', {
    400: ['%', '%z', '%zz', '%2', '/%', '/%zz', '/%ff', '/%c0%ae', '?a;b', '?labelSelector=a;b', '?labelSelector=a%3Db%zz', '?dryRun=All;labelSelector=a'],
    404: ['%2f', '/../configmaps', '/../../default', '%20', '%00', ';', '..'],
  }),
  ...below('/api/v1/namespaces/default', {
    400: ['/', '%2f', '%2fconfigmaps', '%2f.'],
    404: ['//configmaps', '/./configmaps', '/.', '/..', '/../default', '%00', ';', '#'],
  }),
  ...below('/api/v1/namespaces/', { 400: ['../configmaps', '%2e%2e/configmaps'], 404: ['/configmaps', '/default', './default', '../namespaces/default'] }),
  ...below('/', {
    404: ['/api/v1/namespaces/default', './api/v1/namespaces/default', 'api/v1//namespaces/default', 'clusters/../api/v1/namespaces/default'],
    405: ['version/../api/v1/namespaces/default'],
  }),
];

function below(path: string, codes: Readonly<Record<number, readonly string[]>>) {
  return Object.entries(codes).flatMap(([code, ends]) => ends.map((end) => ({ target: path + end, code: Number(code) })));
}
