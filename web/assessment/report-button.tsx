import type { ReactElement } from "react";
import { Refused } from "../../client/index.ts";
import { useTwinship } from "../../client/react.ts";
import type { AssessmentId } from "../../schema/wire/assessments.ts";
import type { PhoneDevice } from "../phone-device.ts";
import { Problem, useTrying } from "../trying.tsx";

interface ReportProps {
  readonly id: AssessmentId;
  readonly phone: PhoneDevice;
}

/** The results as a document: a link could not say who asks for it. */
export function ReportButton({ id, phone }: ReportProps): ReactElement {
  const { session } = useTwinship();
  const trying = useTrying();
  const keep = async () => {
    const headers = { authorization: `Bearer ${await session.token()}` };
    const answer = await phone.fetch(`/api/v1/assessments/${id}/report.pdf`, { headers });
    if (!answer.ok) throw new Refused("NOT_FOUND", "There is no report just now: try again");
    save(await answer.blob(), "twinship-assessment.pdf");
  };
  return (
    <>
      <button type="button" className="pill" disabled={trying.isTrying} onClick={() => trying.attempt(keep)}>
        The report (PDF)
      </button>
      <Problem of={trying} />
    </>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
