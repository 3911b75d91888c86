// What did it look like before and after? A slider over two pictures, and all photos with their days.
import { useSignal } from "@preact/signals";
import { cases, type CaseDetail, type Photo } from "../api_cases";
import { power, sentence, tell } from "../store";
import { ActButton, IconButton } from "../ui";
import { caseWords } from "../words/cases";

export function Photos({ c, again }: { c: CaseDetail; again: () => void }) {
  const w = caseWords.value;
  const may = ["propose", "draft", "edit", "approve", "sign"].includes(power("sites"));
  const pick = (phase: Photo["phase"]) => c.photos.filter((p) => p.phase === phase);
  const [before] = pick("before");
  const after = pick("after").at(-1);
  return (
    <section class={`card photos ${c.photos.length ? "" : "no-print"}`}>
      <h3>{w.photos}</h3>
      {before && after ? <Slider c={c} before={before} after={after} /> : !c.photos.length && <p class="dim">{w.noPhotos}</p>}
      <ul class="photo-row">
        {c.photos.map((p) => (
          <li key={p.id}>
            <img src={cases.photo(c.id, p.id)} alt={`${w[p.phase]} ${p.caption}`} loading="lazy" />
            <span><b>{w[p.phase]}</b> {p.taken_on ?? ""} {p.caption}</span>
            {["edit", "approve", "sign"].includes(power("sites")) && (
              <IconButton icon="close" class="no-print" label={w.removePhoto} onClick={() => void cases.removePhoto(c.id, p.id).then(again, (why) => tell(sentence(why), "bad"))} />
            )}
          </li>
        ))}
      </ul>
      {may && <Add c={c} again={again} />}
    </section>
  );
}

function Slider({ c, before, after }: { c: CaseDetail; before: Photo; after: Photo }) {
  const w = caseWords.value;
  const at = useSignal(50);
  return (
    <figure class="slider">
      <div class="slider-frame">
        <img src={cases.photo(c.id, after.id)} alt={`${w.after} ${after.taken_on ?? ""} ${after.caption}`} />
        <img class="slider-top" src={cases.photo(c.id, before.id)} alt={`${w.before} ${before.taken_on ?? ""} ${before.caption}`} style={{ clipPath: `inset(0 ${100 - at.value}% 0 0)` }} />
        <span class="slider-line" style={{ left: `${at.value}%` }} />
        <b class="slider-a">{w.before}</b><b class="slider-b">{w.after}</b>
      </div>
      <input class="no-print" type="range" min="0" max="100" step="5" value={at.value} aria-label={w.slider} onInput={(e) => (at.value = Number(e.currentTarget.value))} />
      <figcaption class="hint no-print">{w.drag}</figcaption>
    </figure>
  );
}

/** A camera's picture is turned upright and made smaller in the browser; the server cuts out what is left of metadata. */
async function smaller(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, 2000 / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) => canvas.toBlob((b) => (b ? done(b) : fail(new Error("canvas"))), "image/jpeg", 0.88));
}

function Add({ c, again }: { c: CaseDetail; again: () => void }) {
  const w = caseWords.value;
  const phase = useSignal<Photo["phase"]>("before");
  const day = useSignal("");
  const caption = useSignal("");
  const file = useSignal<File | null>(null);
  const send = async () => {
    if (!file.value) return;
    const form = new FormData();
    form.append("phase", phase.value);
    form.append("taken_on", day.value);
    form.append("caption", caption.value);
    form.append("file", await smaller(file.value).catch(() => file.value!), "photo.jpg");
    try {
      await cases.addPhoto(c.id, form);
      file.value = null;
      caption.value = "";
      tell(w.done);
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <details class="no-print add-photo">
      <summary>{w.addPhoto}</summary>
      <div class="two">
        <label class="field"><span class="label">{w.phase}</span><select value={phase.value} onChange={(e) => (phase.value = e.currentTarget.value as Photo["phase"])}>{(["before", "during", "after"] as const).map((p) => <option key={p} value={p}>{w[p]}</option>)}</select></label>
        <label class="field"><span class="label">{w.takenOn}</span><input type="date" value={day.value} onInput={(e) => (day.value = e.currentTarget.value)} /></label>
        <label class="field"><span class="label">{w.caption}</span><input value={caption.value} maxLength={200} onInput={(e) => (caption.value = e.currentTarget.value)} /></label>
        <label class="field"><span class="label">{w.file}</span><input type="file" accept="image/jpeg,image/png,image/webp" onChange={(e) => (file.value = e.currentTarget.files?.[0] ?? null)} /></label>
      </div>
      <p class="hint">{w.photoNote}</p>
      <ActButton act={send} disabled={!file.value}>{w.addPhoto}</ActButton>
    </details>
  );
}
