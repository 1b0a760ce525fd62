Site::EMPTY
