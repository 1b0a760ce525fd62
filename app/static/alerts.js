// What tells somebody who looks elsewhere that there is something new: a notice of the system and a short sound, each only if
// the user wants it in this browser. The app says what is new; whether to notify the user is decided here.
"use strict";
window.sidelineAlerts ||= (() => {
  const key = (user, kind) => `sideline-alerts:${user}:${kind}`;
  const wants = (user, kind) => {
    try { return localStorage.getItem(key(user, kind)) === "on"; } catch { return false; }
  };

  // Many at once make one sound.
  let rang = 0;
  const ring = () => {
    const audio = new AudioContext(), tone = audio.createOscillator(), loudness = audio.createGain();
    const now = audio.currentTime;
    tone.frequency.setValueAtTime(660, now);
    tone.frequency.setValueAtTime(880, now + 0.12);
    loudness.gain.setValueAtTime(0.15, now);
    loudness.gain.exponentialRampToValueAtTime(0.001, now + 0.4);
    tone.connect(loudness).connect(audio.destination);
    tone.onended = () => audio.close();
    tone.start(now);
    tone.stop(now + 0.4);
  };
  // The address, if any, opens in this tab.
  const show = (title, body, address) => {
    const notice = new Notification(title, { body, tag: address || title, icon: "/favicon.svg" });
    notice.onclick = () => {
      window.focus();
      notice.close();
      if (!address) return;
      const link = document.createElement("a");
      link.href = address;
      document.body.append(link);
      link.click();
      link.remove();
    };
  };
  // Neither is worth an error: a phone has no notices of pages, a browser plays no sound before the first click.
  const attempt = (act, ...words) => {
    try { act(...words); return ""; } catch { return "missing"; }
  };

  const hours = (user) => {
    try { return localStorage.getItem(key(user, "quiet")) || "-"; } catch { return "-"; }
  };
  // Whether it is between the two times, by the clock of this device. They may lie on two days.
  const quiet = (user) => {
    const [from, until] = hours(user).split("-"), now = new Date().toTimeString().slice(0, 5);
    if (!from || !until || from === until) return false;
    return from < until ? from <= now && now < until : from <= now || now < until;
  };

  // Answers why not: `missing`: the browser has no such thing; `refused`: its user or its settings said no; else nothing.
  const allowed = async (kind) => {
    if (kind === "alert") return "";
    if (kind === "sound") return window.AudioContext ? "" : "missing";
    if (!window.Notification || (kind === "push" && !window.PushManager)) return "missing";
    const answer = Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission;
    return answer === "granted" ? "" : "refused";
  };

  // While no page is open the host tells this browser, by its push service. Both ends are known in this session alone.
  const asks = (method, wanted) => fetch("/push", {
    method, headers: wanted ? { "content-type": "application/json" } : {}, body: wanted && JSON.stringify(wanted),
  });
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const worker = () => navigator.serviceWorker.getRegistration("/push-worker.js");
  const unsubscribe = async () => {
    await (await (await worker())?.pushManager.getSubscription())?.unsubscribe();
  };
  const subscribe = async (user) => {
    const answer = await asks("GET");
    if (!answer.ok) throw new Error("no push");
    const key = bytes((await answer.json()).key);
    await navigator.serviceWorker.register("/push-worker.js");
    const { pushManager } = await navigator.serviceWorker.ready;
    const before = await pushManager.getSubscription();
    const known = new Uint8Array(before?.options.applicationServerKey ?? []);
    // The host has another key after its secrets were sealed with a new one.
    if (before && String(known) !== String(key)) await before.unsubscribe();
    const { endpoint, keys } = (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })).toJSON();
    const [quiet_from, quiet_until] = hours(user).split("-");
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const wanted = { endpoint, p256dh: keys.p256dh, auth: keys.auth, alerts: wants(user, "alert"), quiet_from, quiet_until, zone };
    const kept = await asks("PUT", wanted);
    if (!kept.ok) throw (await kept.json()).said;
  };
  // One after the other: the host ends with what was chosen last.
  let turn = Promise.resolve();
  // A browser or a push service that never answers holds nobody up for longer than this.
  const inTime = (act) => Promise.race([act(), new Promise((_, late) => setTimeout(late, 15_000))]);
  const inTurn = (act) => (turn = turn.then(() => inTime(act), () => inTime(act)));
  const renew = (user) => inTurn(async () => {
    if (!navigator.serviceWorker) return "missing";
    try {
      if (wants(user, "push")) await subscribe(user);
      else await unsubscribe();
    } catch (why) {
      if (typeof why !== "string") return "missing";
      // The host's own words: what it lacks. The switch of the next page is off.
      localStorage.removeItem(key(user, "push"));
      return why;
    }
    return "";
  }).catch(() => "missing");

  const away = () => document.hidden || document.visibilityState !== "visible" || !document.hasFocus();
  return {
    wants,
    // Whether alerts are more than marks now.
    heeds: (user) => wants(user, "alert") && !quiet(user),
    hours,
    renew,
    keepHours: (user, from, until) => {
      try { localStorage.setItem(key(user, "quiet"), `${from}-${until}`); } catch { return "missing"; }
      renew(user);
      return "";
    },
    choose: async (user, kind, on) => {
      const problem = on ? await allowed(kind) : "";
      const keep = (wanted) => {
        if (wanted) localStorage.setItem(key(user, kind), "on");
        else localStorage.removeItem(key(user, kind));
      };
      try {
        keep(on && !problem);
        if (kind === "push") {
          if (!on) await inTurn(() => asks("DELETE"));
          const failed = problem || (await renew(user));
          if (failed) keep(false);
          return failed;
        }
        // What is pushed follows what is shown.
        if (kind === "alert") renew(user);
      } catch { return "missing"; }
      return problem;
    },
    tell: (user, title, body, address) => {
      if (!away() || quiet(user)) return;
      if (wants(user, "notice")) attempt(show, title, body, address);
      if (wants(user, "sound") && Date.now() - rang > 5_000) {
        rang = Date.now();
        attempt(ring);
      }
    },
    test: async (user, title, body) => {
      const [notice, sound] = [wants(user, "notice"), wants(user, "sound")];
      if (!notice && !sound) return "none";
      const problem = notice && ((await allowed("notice")) || attempt(show, title, body));
      return problem || (sound && attempt(ring)) || "";
    },
  };
})();
