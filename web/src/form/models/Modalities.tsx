// What a model accepts, each kind at a fixed place so that a column can be read downwards.

import { AudioLines, FileText, Image, Text, Video, type LucideIcon } from "lucide-react";
import type { ReactElement } from "react";

const KINDS: [string, LucideIcon][] = [["text", Text], ["image", Image], ["file", FileText], ["audio", AudioLines], ["video", Video]];

export const modalityIcon = (kind: string): LucideIcon | undefined => KINDS.find(([one]) => one === kind)?.[1];

/** `isShort` leaves out the places of what it does not accept. */
export function Modalities({ accepts, isShort }: { accepts: readonly string[]; isShort?: boolean }): ReactElement {
  return (
    <span className="modalities" role="img" aria-label={accepts.join(", ")}>
      {KINDS.filter(([kind]) => !isShort || accepts.includes(kind)).map(([kind, Icon]) =>
        accepts.includes(kind) ? <Icon key={kind} /> : <span key={kind} className="modalities-none" />,
      )}
    </span>
  );
}
