import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues } from '../../kube/validation/field.ts';
import { subdomain } from '../../kube/validation/names.ts';
import type { PodSpec, WindowsSecurityContextOptions } from '../../schema/generated/kinds.ts';
import { containersOf } from './pod-containers.ts';

const SPEC_KIB = 64;
const MAX_DOMAIN = 256;
const MAX_USER = 104;

/** Checks what a pod or container says of its security on Windows (validateWindowsSecurityContextOptions). */
export function validateWindowsOptions(options: WindowsSecurityContextOptions | undefined, path: string): FieldError[] {
  const { gmsaCredentialSpecName: specName, gmsaCredentialSpec: spec, runAsUserName: user } = options ?? {};
  return [
    ...(specName === undefined ? [] : invalidValues(`${path}.gmsaCredentialSpecName`, specName, subdomain(specName))),
    ...(spec === undefined ? [] : invalidValues(`${path}.gmsaCredentialSpec`, spec, credentialSpecProblems(spec))),
    ...(user === undefined ? [] : invalidValues(`${path}.runAsUserName`, user, userNameProblems(user))),
  ];
}

function credentialSpecProblems(spec: string): string[] {
  if (!spec) return ['gmsaCredentialSpec cannot be an empty string'];
  return spec.length > SPEC_KIB * 1024 ? [`gmsaCredentialSpec size must be under ${SPEC_KIB} KiB`] : [];
}

/** `DOMAIN\user`, its domain a NetBIOS or DNS name. */
function userNameProblems(name: string): string[] {
  if (!name) return ['runAsUserName cannot be an empty string'];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (/[\x00-\x1f\x7f]/.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const [user, domain] = parts.toReversed() as [string, string?];
  const problems: string[] = [];
  if ((domain?.length ?? 0) >= MAX_DOMAIN) problems.push(`runAsUserName's Domain length must be under ${MAX_DOMAIN} characters`);
  if (domain !== undefined && !isNetBios(domain) && !isDnsDomain(domain)) problems.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (!user) problems.push("runAsUserName's User cannot be empty");
  else if (user.length > MAX_USER) problems.push(`runAsUserName's User length must not be longer than ${MAX_USER} characters`);
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) problems.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  return problems;
}

const isNetBios = (domain: string) => /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/.test(domain);
const isDnsDomain = (domain: string) => /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*$/.test(domain);

/** All containers of a pod are processes of a Windows host, or none is (validateWindowsHostProcessPod). */
export function validateHostProcess(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const all = containersOf(spec);
  const own = all.map(({ container }) => container.securityContext?.windowsOptions?.hostProcess);
  const errors = all.flatMap(({ at }, i) =>
    ofPod === undefined || own[i] === undefined || own[i] === ofPod
      ? []
      : [
          invalidValue(
            `${path}.${at}.securityContext.windowsOptions.hostProcess`,
            own[i],
            `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
          ),
        ],
  );
  const count = own.filter((value) => value ?? ofPod).length;
  if (!count) return errors;
  if (count !== all.length) {
    errors.push(invalidValue(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'));
  }
  if (!spec.hostNetwork) errors.push(invalidValue(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'));
  return errors;
}
