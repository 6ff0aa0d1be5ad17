import type { ReactElement } from "react";

import { AudioPlayer } from "../results/AudioPlayer";
import { isFileEntry, isOwn } from "../results/files";
import { Images } from "../results/Images";
import { imagesOf } from "../results/preview";
import { words } from "../words";
import type { RunState } from "./state";

/** Images and sound that the steps of a run made. */
export function KeptResults({ run }: { run: RunState }): ReactElement | null {
  const steps = run.order.flatMap((place) => run.steps[place] ?? []);
  const images = steps.flatMap((step) => imagesOf(step.output, step.metadata)).filter((file, index, all) => all.findIndex((one) => one.url === file.url) === index);
  const sounds = steps.map((step) => step.output).filter(isFileEntry).filter((file) => file.mimeType.startsWith("audio/") && isOwn(file.url));
  if (images.length === 0 && sounds.length === 0) return null;
  return (
    <section className="runs-kept">
      <h3>{words.runs.keptResults}</h3>
      <div>
        {images.length > 0 && <Images files={images} size="panel" />}
        {sounds.map((file) => (
          <AudioPlayer key={file.url} file={file} />
        ))}
      </div>
    </section>
  );
}
