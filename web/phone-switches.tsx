import type { ReactElement } from "react";
import { usePair } from "../client/react.ts";
import type { Desk } from "./desk.ts";
import { Icon, type IconName } from "./icons.tsx";
import { useObserved } from "./observe.ts";
import type { PhoneDevice } from "./phone-device.ts";

interface SwitchesProps {
  readonly desk: Desk;
  readonly phone: PhoneDevice;
  readonly name: string;
}

/** What happens to a phone from outside: its network goes, it is put away, its owner takes up another device. */
export function Switches({ desk, phone, name }: SwitchesProps): ReactElement {
  const { isPlugged, isInPocket } = useObserved(phone.now);
  useObserved(desk.now);
  const hasSecond = desk.hasSecond(phone.side);
  const toggleSecond = () => (hasSecond ? desk.removeSecond(phone.side) : desk.addSecond(phone.side));
  return (
    <fieldset className="switches" aria-label={`Around ${name}'s device`}>
      <Switch
        icon={isPlugged ? "plug" : "unplugged"}
        label={isPlugged ? "Online" : "Offline"}
        title={isPlugged ? "Pull the plug" : "Plug it in"}
        isOn={isPlugged}
        toggle={() => phone.setPlug(!isPlugged)}
      />
      <Switch
        icon="phone"
        label={isInPocket ? "In the pocket" : "In the hand"}
        title={isInPocket ? "Take it out" : "Put it away"}
        isOn={!isInPocket}
        toggle={() => phone.setPocket(!isInPocket)}
      />
      <Switch
        icon="tablet"
        label={hasSecond ? "Two devices" : "Second device"}
        title={hasSecond ? "Put the second device away" : "Take up a second device"}
        isOn={hasSecond}
        toggle={toggleSecond}
      />
      <Outbox />
    </fieldset>
  );
}

interface SwitchProps {
  readonly icon: IconName;
  readonly label: string;
  readonly title: string;
  readonly isOn: boolean;
  readonly toggle: () => void;
}

const Switch = ({ icon, label, title, isOn, toggle }: SwitchProps): ReactElement => (
  <button type="button" className="pill" aria-pressed={isOn} title={title} onClick={toggle}>
    <Icon name={icon} />
    {label}
  </button>
);

function Outbox(): ReactElement {
  const { waiting, version, status } = usePair();
  return (
    <p className="stand">
      <span className="dot" data-status={status} />
      <span>
        v <b data-testid="version">{version}</b>
      </span>
      {waiting > 0 && <span className="waiting" data-testid="outbox">{`${waiting} in the outbox`}</span>}
    </p>
  );
}
