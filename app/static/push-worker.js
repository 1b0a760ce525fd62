// Shows what the host has pushed to a browser in which no page of Sideline is open. It answers no requests, so nobody is ever
// shown a page of an old release.
"use strict";
self.addEventListener("push", (event) => {
  const { body, path, tag } = event.data.json();
  event.waitUntil(self.registration.showNotification("Sideline", { body, tag, icon: "/favicon.svg", data: path }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data));
});
