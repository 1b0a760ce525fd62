// Shows what the host has pushed to a browser in which no page of Sideline is open. It answers no requests, so nobody is ever
// shown a page of an old release.
"use strict";
self.addEventListener("push", (event) => {
  const { body, path, tag } = event.data.json();
  event.waitUntil(self.registration.showNotification("Sideline", { body, tag, icon: "/favicon.svg", data: path }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const to = new URL(event.notification.data, self.location.origin);
  if (to.origin === self.location.origin) event.waitUntil(self.clients.openWindow(to.href));
});
