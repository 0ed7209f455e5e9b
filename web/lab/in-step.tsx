import { type ReactElement, useCallback, useSyncExternalStore } from "react";
import type { PhoneDevice } from "../phone-device.ts";
import { useNameOf } from "../use-name-of.ts";

/** Each device says how far it knows; when all say the same, none has missed anything. */
export function InStep({ phones }: { readonly phones: readonly PhoneDevice[] }): ReactElement {
  const versions = useVersions(phones);
  const isAnybodyHere = versions.some((version) => version > 0);
  const isInStep = versions.length > 0 && versions.every((version) => version === versions[0] && version > 0);
  return (
    <section className="card" aria-label="Versions">
      <h3>
        {isInStep ? "In step" : isAnybodyHere ? "Catching up" : "Nobody is here yet"}
        <small data-testid="in-step">{isInStep ? `version ${versions[0]}` : ""}</small>
      </h3>
      <ul className="steps">
        {phones.map((phone, n) => (
          <Step key={phone.id} phone={phone} version={versions[n] ?? 0} newest={Math.max(...versions)} />
        ))}
      </ul>
    </section>
  );
}

interface StepProps {
  readonly phone: PhoneDevice;
  readonly version: number;
  readonly newest: number;
}

function Step({ phone, version, newest }: StepProps): ReactElement {
  const name = useNameOf(phone);
  const behind = newest - version;
  return (
    <li data-behind={behind > 0}>
      <span>{name}</span>
      <small>{behind > 0 ? `${behind} behind` : ""}</small>
      <b>{version}</b>
    </li>
  );
}

function useVersions(phones: readonly PhoneDevice[]): readonly number[] {
  const follow = useCallback(
    (changed: () => void) => {
      const stops = phones.map(({ standing }) => standing.subscribe(changed));
      return () => {
        for (const stop of stops) stop();
      };
    },
    [phones],
  );
  const all = useSyncExternalStore(follow, () => phones.map(({ standing }) => standing.get().version).join());
  return all.split(",").map(Number);
}
